import { equal, ok } from 'node:assert/strict'
import { type AppendEntriesRequest, LogType } from '@raft/core'
import { test } from 'vitest'
import { Bench, bytes, fate } from '../scenarios/bench.ts'

test('Q10/H9: a snapshot that came into a shorter log is no reason to take another at once', async () => {
  await using bench = await Bench.start(3, {
    config: { trailingLogs: 0, snapshotInterval: 20, snapshotThreshold: 1_000 },
  })
  const leader = await bench.leader()
  const [follower] = await bench.others()
  bench.cut(follower!)
  await bench.apply(leader, 100)
  await bench.settle(leader.raft.snapshot())
  bench.heal()
  await bench.same(bench.members, 100)
  const [came] = follower!.snapshots.list()
  await bench.clock.advance(1_000)
  equal(follower!.snapshots.list()[0]!.id, came!.id)
})

test('Q24: a restore has no timeout that could fire after it has happened', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  await bench.apply(leader, 3)
  const { meta, open } = await bench.settle(leader.raft.snapshot())
  const { clock } = bench
  async function* slowly() {
    for await (const chunk of await open()) {
      await new Promise<void>((resolve) => clock.setTimer(resolve, 2_000))
      yield chunk
    }
  }
  await bench.settle(leader.raft.restore(meta, slowly()))
  await bench.same(bench.members, 3)
})

test('#696: a leader that loses its office during a transfer and is elected again takes commands', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  const [target, other] = await bench.others()
  bench.cut(target!)
  await bench.apply(leader, 1)
  const transfer = fate(leader.raft.leadershipTransferToServer(target!.id, target!.id))
  bench.cut(leader)
  await bench.settle(transfer)
  await bench.until(() => leader.raft.state !== 'Leader', 'it loses its office')
  await bench.stop(target!)
  bench.heal()
  const next = await bench.leader()
  if (next === other) await bench.settle(next.raft.leadershipTransferToServer(leader.id, leader.id))
  equal((await bench.leader()).id, leader.id)
  await bench.apply(leader, 1)
})

test('lies of a member: gaps, terms ahead of the leader, and a commit index beyond the log change nothing', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  await bench.apply(leader, 3)
  const [follower] = await bench.others()
  await bench.same()
  const { raft, store } = follower!
  const before = [raft.lastIndex, raft.appliedIndex, raft.currentTerm]
  const address = bytes(leader.id)
  const entry = (index: number, term: number) => ({ index, term, type: LogType.Command, data: bytes('lie') })
  const base = {
    header: { protocolVersion: 3, id: address, address },
    leader: address,
    term: raft.currentTerm,
    prevLogEntry: raft.lastIndex,
    prevLogTerm: store.getLog(raft.lastIndex).term,
    leaderCommitIndex: 0,
  }
  const lies: AppendEntriesRequest[] = [
    { ...base, entries: [entry(raft.lastIndex + 2, raft.currentTerm)] },
    { ...base, entries: [entry(raft.lastIndex + 1, 0)] },
    { ...base, entries: [entry(raft.lastIndex + 1, raft.currentTerm + 1)] },
    { ...base, entries: [], leaderCommitIndex: Number.MAX_SAFE_INTEGER },
  ]
  for (const lie of lies) await bench.settle(fate(leader.transport.appendEntries(follower!.peer, lie)))
  const vote = { ...base, term: 0, lastLogIndex: Number.MAX_SAFE_INTEGER, lastLogTerm: 1, leadershipTransfer: false }
  const answer = await bench.settle(leader.transport.requestVote(follower!.peer, { ...vote, candidate: address }))
  equal(answer.granted, false)
  ok([raft.lastIndex, raft.appliedIndex, raft.currentTerm].every((value, at) => value === before[at]))
  await bench.apply(leader, 1)
  await bench.same(bench.members, 4)
})
