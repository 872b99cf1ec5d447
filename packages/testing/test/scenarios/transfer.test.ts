import { deepEqual, equal, notEqual, ok, rejects } from 'node:assert/strict'
import { test } from 'vitest'
import { Bench, bytes, fate, type Member } from './bench.ts'

/** Starts a transfer to a voter that cannot be caught up, so that it stays under way. */
async function underWay(bench: Bench): Promise<{ leader: Member; transfer: Promise<string> }> {
  const leader = await bench.leader()
  const [target] = await bench.others()
  leader.transport.disconnect(target!.id)
  await bench.apply(leader, 1, 'something that the target does not have')
  const transfer = fate(leader.raft.leadershipTransferToServer(target!.id, target!.id))
  await bench.clock.settle()
  return { leader, transfer }
}

test('leadership goes to another of three', async () => {
  await using bench = await Bench.start(3)
  const old = await bench.leader()
  await bench.settle(old.raft.leadershipTransfer())
  notEqual((await bench.leader()).id, old.id)
})

test('who is alone has nobody to hand over to', async () => {
  await using bench = await Bench.start(1)
  const leader = await bench.leader()
  await rejects(bench.settle(leader.raft.leadershipTransfer()), /cannot find peer/)
  equal(leader.raft.state, 'Leader')
})

test('the server of seven that is named leads', async () => {
  await using bench = await Bench.start(7)
  const old = await bench.leader()
  const target = (await bench.others())[3]!
  await bench.settle(old.raft.leadershipTransferToServer(target.id, target.id))
  equal((await bench.leader()).id, target.id)
})

test('a writer sees nothing but success and the four errors while leadership is handed over', async () => {
  await using bench = await Bench.start(7)
  const old = await bench.leader()
  const target = (await bench.others())[2]!
  const ends = new Set<string>()
  let writing = true
  const write = async (): Promise<void> => {
    while (writing) {
      const round = await Promise.all(bench.members.map(({ raft }) => fate(raft.apply(bytes('x')))))
      for (const end of round) ends.add(end)
      await new Promise<void>((resolve) => bench.clock.setTimer(resolve, 1))
    }
  }
  const writer = write()
  await bench.settle(old.raft.leadershipTransferToServer(target.id, target.id))
  const fresh = await bench.leader()
  equal(fresh.id, target.id)
  await bench.clock.advance(50)
  writing = false
  await bench.settle(writer)
  const allowed = [
    'resolved',
    'ERR_RAFT_NOT_LEADER',
    'ERR_RAFT_LEADERSHIP_TRANSFER_IN_PROGRESS',
    'ERR_RAFT_LEADERSHIP_LOST',
  ]
  ok(ends.has('resolved'))
  deepEqual(
    [...ends].filter((end) => !allowed.includes(end)),
    [],
  )
  await bench.same()
})

test('an ID that nobody has is refused', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  await rejects(
    bench.settle(leader.raft.leadershipTransferToServer('nobody', 'nowhere')),
    /cannot find replication state/,
  )
})

test('the right ID at a wrong address is a call that failed', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  const [target] = await bench.others()
  const transfer = bench.settle(leader.raft.leadershipTransferToServer(target!.id, 'nowhere'))
  await rejects(transfer, { code: 'ERR_RAFT_LEADERSHIP_TRANSFER', message: /TimeoutNow/ })
})

test('a server that is a thousand commands behind is caught up and leads', async () => {
  await using bench = await Bench.start(3, { config: { electionTimeout: 2_000 } })
  const old = await bench.leader()
  const [target] = await bench.others()
  bench.cut(target!)
  await bench.apply(old, 1_000)
  bench.heal()
  await bench.settle(old.raft.leadershipTransferToServer(target!.id, target!.id))
  equal((await bench.leader()).id, target!.id)
  await bench.same(bench.members, 1_000)
})

test('a leader cannot hand over to itself', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  const transfer = bench.settle(leader.raft.leadershipTransferToServer(leader.id, leader.id))
  await rejects(transfer, /cannot transfer leadership to itself/)
})

test('while leadership is handed over nothing is accepted', async () => {
  await using bench = await Bench.start(3)
  const { leader, transfer } = await underWay(bench)
  const { raft } = leader
  const calls = [
    raft.addNonvoter('x', 'x'),
    raft.addVoter('x', 'x'),
    raft.apply(bytes('x')),
    raft.barrier(),
    raft.demoteVoter(leader.id),
    raft.removeServer(leader.id),
    raft.leadershipTransfer(),
    raft.leadershipTransferToServer('b', 'b'),
  ]
  for (const call of calls.map(fate)) equal(await bench.settle(call), 'ERR_RAFT_LEADERSHIP_TRANSFER_IN_PROGRESS')
  equal(await bench.settle(transfer), 'ERR_RAFT_LEADERSHIP_TRANSFER')
})

test('a transfer that is over, one way or the other, leaves no mark: commands are accepted again', async () => {
  await using bench = await Bench.start(3)
  const { leader, transfer } = await underWay(bench)
  equal(await bench.settle(transfer), 'ERR_RAFT_LEADERSHIP_TRANSFER')
  bench.heal()
  await bench.apply(await bench.leader(), 1)
  const next = await bench.leader()
  await bench.settle(next.raft.leadershipTransfer())
  await bench.apply(await bench.leader(), 1)
  ok(leader.raft.state !== 'Shutdown')
})

test('a target that cannot be caught up within the time ends the transfer with its timeout', async () => {
  await using bench = await Bench.start(3)
  const { leader, transfer } = await underWay(bench)
  const since = bench.clock.now()
  equal(await bench.settle(transfer), 'ERR_RAFT_LEADERSHIP_TRANSFER')
  ok(bench.clock.now() - since <= 2 * leader.config.electionTimeout)
  equal(leader.raft.state, 'Leader')
})

test('a server without a vote is no target', async () => {
  await using bench = await Bench.start(2, { suffrages: ['Voter', 'Nonvoter'] })
  const leader = await bench.leader()
  await rejects(bench.settle(leader.raft.leadershipTransfer()), /cannot find peer/)
})

test('a transfer that the caller gave up before it began moves nothing', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  await rejects(leader.raft.leadershipTransfer({ signal: AbortSignal.abort() }), { code: 'ERR_RAFT_ABORTED' })
  await bench.clock.advance(500)
  equal((await bench.leader()).id, leader.id)
  await bench.apply(leader, 1)
})
