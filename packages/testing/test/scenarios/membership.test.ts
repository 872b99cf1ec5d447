import { deepEqual, equal, notEqual, ok, rejects } from 'node:assert/strict'
import { test } from 'vitest'
import { MockFSMConfigStore } from '../../src/index.ts'
import { Bench, bytes, fate, peersOf } from './bench.ts'

test('a server that joins gets everything and the configuration', async () => {
  await using bench = await Bench.start(1)
  const leader = await bench.leader()
  await bench.apply(leader, 10)
  await bench.join('j')
  await bench.settle(leader.raft.addVoter('j', 'j'))
  await bench.same(bench.members, 10)
  equal(await bench.samePeers(), 'a:Voter j:Voter')
})

test('a state machine that stores configurations is told each one that is committed', async () => {
  await using bench = await Bench.start(1, { fsm: () => new MockFSMConfigStore() })
  const leader = await bench.leader()
  for (const id of ['j', 'k']) {
    await bench.join(id)
    await bench.settle(leader.raft.addVoter(id, id))
  }
  const told = (leader.fsm as MockFSMConfigStore).configurations
  const sizes = told.map(({ servers }) => servers.length)
  // A new voter is staging first, so that each size but the first comes twice.
  deepEqual([...new Set(sizes)], [1, 2, 3])
  deepEqual(
    sizes,
    sizes.toSorted((left, right) => left - right),
  )
})

test('a follower that is removed is out of everybody’s configuration and stays a follower', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  const [removed, other] = await bench.others()
  await bench.settle(leader.raft.removeServer(removed!.id))
  equal((await bench.samePeers([leader, other!])).split(' ').length, 2)
  await bench.clock.advance(500)
  equal(removed!.raft.state, 'Follower')
})

test('a leader that removes itself shuts down, and the two that are left elect another', async () => {
  await using bench = await Bench.start(3)
  const old = await bench.leader()
  await bench.settle(old.raft.removeServer(old.id))
  await bench.until(() => old.raft.state === 'Shutdown', 'it shuts down')
  const fresh = await bench.leader()
  notEqual(fresh.id, old.id)
  const rest = bench.members.filter((member) => member !== old)
  equal((await bench.samePeers(rest)).split(' ').length, 2)
})

test('a leader that removes itself and is not to shut down is a follower without a vote, and takes no more', async () => {
  await using bench = await Bench.start(3, { config: { shutdownOnRemove: false } })
  const old = await bench.leader()
  await bench.apply(old, 80, 'before')
  await bench.settle(old.raft.removeServer(old.id))
  equal(old.raft.state, 'Follower')
  const later = Array.from({ length: 20 }, () => fate(old.raft.apply(bytes('later'))))
  deepEqual(new Set(await bench.settle(Promise.all(later))), new Set(['ERR_RAFT_NOT_LEADER']))
  const fresh = await bench.leader()
  notEqual(fresh.id, old.id)
  equal((await bench.samePeers()).split(' ').length, 2)
  await bench.same(bench.members, 80)
  await bench.clock.advance(1_000)
  equal(old.raft.state, 'Follower')
})

test('half of four cannot remove one of its own', async () => {
  await using bench = await Bench.start(4)
  const leader = await bench.leader()
  const [friend, other] = await bench.others()
  bench.cut(leader, friend!)
  const call = fate(leader.raft.removeServer(friend!.id))
  equal(await bench.settle(call), 'ERR_RAFT_LEADERSHIP_LOST')
  equal(peersOf(other!).split(' ').length, 4)
})

test('adding a voter again, and removing a stranger, makes a new index and changes nothing', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  const before = leader.raft.getConfiguration()
  const [follower] = await bench.others()
  const added = await bench.settle(leader.raft.addVoter(follower!.id, follower!.id))
  ok(added.index > before.index)
  const removed = await bench.settle(leader.raft.removeServer('nobody'))
  ok(removed.index > added.index)
  deepEqual(leader.raft.getConfiguration(), { ...before, index: removed.index })
})

test('a follower that was removed comes back, although it campaigned meanwhile: the cluster settles at three', async () => {
  await using bench = await Bench.start(3, { config: { shutdownOnRemove: false } })
  const leader = await bench.leader()
  const [follower] = await bench.others()
  bench.cut(follower!)
  await bench.settle(leader.raft.removeServer(follower!.id))
  await bench.clock.advance(1_000)
  bench.heal()
  await bench.settle((await bench.leader()).raft.addVoter(follower!.id, follower!.id))
  await bench.apply(await bench.leader(), 1)
  await bench.same(bench.members, 1)
  equal((await bench.samePeers()).split(' ').length, 3)
})

test('a change against an older configuration is refused; against the newest, or none named, it is made', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  const { index } = leader.raft.getConfiguration()
  const first = await bench.settle(leader.raft.addNonvoter('x', 'x', { prevIndex: index }))
  const stale = leader.raft.addNonvoter('y', 'y', { prevIndex: index })
  await rejects(bench.settle(stale), { code: 'ERR_RAFT_CONFIGURATION', outcome: 'rejected' })
  const second = await bench.settle(leader.raft.removeServer('x', { prevIndex: first.index }))
  equal(leader.raft.getConfiguration().index, second.index)
})

test('a change that would leave no voter is refused', async () => {
  await using bench = await Bench.start(1)
  const leader = await bench.leader()
  await rejects(bench.settle(leader.raft.demoteVoter('a')), { code: 'ERR_RAFT_CONFIGURATION' })
  await rejects(bench.settle(leader.raft.removeServer('a')), { code: 'ERR_RAFT_CONFIGURATION' })
})
