import { equal, rejects } from 'node:assert/strict'
import { test } from 'vitest'
import { Bench, fate } from './bench.ts'

test('a leader of three confirms that it leads', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  await bench.settle(leader.raft.verifyLeader())
})

test('a leader that is alone confirms that it leads, without waiting for anybody', async () => {
  await using bench = await Bench.start(1)
  const leader = await bench.leader()
  const before = bench.clock.now()
  await bench.settle(leader.raft.verifyLeader())
  equal(bench.clock.now(), before)
})

test('a leader whose only follower has a newer term steps down, refuses to confirm, and no longer names itself', async () => {
  await using bench = await Bench.start(2)
  const leader = await bench.leader()
  const [follower] = await bench.others()
  // A stranger that knows a newer term cannot raise it; a member can. The vote goes to nobody: its log is empty.
  const header = {
    protocolVersion: 3,
    id: new TextEncoder().encode(leader.id),
    address: new TextEncoder().encode(leader.id),
  }
  const request = {
    header,
    term: leader.raft.currentTerm + 1,
    lastLogIndex: 0,
    lastLogTerm: 0,
    leadershipTransfer: true,
  }
  await bench.settle(leader.transport.requestVote(follower!.peer, { ...request, candidate: header.address }))
  const verified = fate(leader.raft.verifyLeader())
  const said = await bench.settle(verified)
  equal(['ERR_RAFT_NOT_LEADER', 'ERR_RAFT_LEADERSHIP_LOST'].includes(said), true, said)
  const term = request.term
  await bench.until(() => leader.raft.currentTerm >= term && leader.raft.state !== 'Leader', 'it steps down')
  equal(leader.raft.leader, undefined)
})

test('a leader of three confirms that it leads while one of them is away', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  const [follower] = await bench.others()
  bench.cut(follower!)
  await bench.settle(leader.raft.verifyLeader())
  await bench.clock.advance(200)
  await bench.settle(leader.raft.verifyLeader())
})

test('a follower refuses to confirm, and to read', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  const [follower] = await bench.others()
  await rejects(bench.settle(follower!.raft.verifyLeader()), { code: 'ERR_RAFT_NOT_LEADER', leader: leader.peer })
  await rejects(bench.settle(follower!.raft.read(() => 1)), { code: 'ERR_RAFT_NOT_LEADER', leader: leader.peer })
})

test('a leader that was cut off answers no read, though another has written meanwhile', async () => {
  await using bench = await Bench.start(3)
  const first = await bench.leader()
  await bench.apply(first, 1, 'old')
  bench.cut(first)
  const read = fate(first.raft.read(() => first.commands.length))
  await bench.until(() => first.raft.state !== 'Leader', 'it steps down')
  const second = await bench.leader()
  await bench.apply(second, 1, 'new')
  equal(await bench.settle(read), 'ERR_RAFT_LEADERSHIP_LOST')
  equal(await bench.settle(second.raft.read(() => second.commands.length)), 2)
})
