// What does not cost a leader its leadership, and what must, with the default timeouts: a heartbeat timeout of 1 s, and a
// lease of half of that. A term that is the same in the end was the same all the time.
import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { test } from 'vitest'
import { SlowCluster, type SlowNode, SteadyLoad } from './slow-cluster.ts'

const HEARTBEAT = 1_000
const LEASE = 500

/** Runs something under a steady load, and checks that the leader stays what it is. Gives the load. */
async function keepsLeading(
  hinder: (cluster: SlowCluster, leader: SlowNode, followers: readonly SlowNode[]) => Promise<void>,
  seed = 1,
): Promise<SteadyLoad> {
  await using cluster = await SlowCluster.start({ seed })
  const leader = await cluster.leader()
  const term = leader.raft.currentTerm
  const load = new SteadyLoad(cluster, leader, { every: 10 })
  await cluster.clock.advance(500)
  await hinder(cluster, leader, cluster.followersOf(leader))
  load.stop()
  equal(leader.raft.state, 'Leader')
  deepEqual(
    cluster.nodes.map(({ raft }) => raft.currentTerm),
    [term, term, term],
  )
  deepEqual(load.errors, [])
  return load
}

test.each([
  ['slow', (node: SlowNode) => node.slowDown(5 * HEARTBEAT)],
  ['hung', (node: SlowNode) => node.disk.hang()],
])('the %s disk of a follower costs nobody anything: commands are acknowledged as before', async (_, disturb) => {
  const load = await keepsLeading(async (cluster, _leader, [follower]) => {
    disturb(follower!)
    await cluster.clock.advance(30 * HEARTBEAT)
  })
  ok(load.sent > 3_000)
  ok(load.took.length >= load.sent - 5, `${load.took.length} of ${load.sent} were acknowledged`)
  ok(Math.max(...load.took) < 50, `the slowest took ${Math.max(...load.took)} ms`)
})

test('hung disks of all followers stop the commands, not the leader', async () => {
  const load = await keepsLeading(async (cluster, leader, followers) => {
    for (const { disk } of followers) disk.hang()
    await cluster.clock.advance(10 * HEARTBEAT)
    const waiting = cluster.settle(leader.raft.apply(new Uint8Array(1)))
    equal(leader.raft.state, 'Leader')
    for (const { disk } of followers) disk.release()
    await waiting
  })
  // Those of the ten seconds waited, and none is lost.
  ok(load.took.some((took) => took > 9 * HEARTBEAT))
})

test('a disk of its own that takes almost two leases for each write, however many stand in the queue', async () => {
  const load = await keepsLeading(async (cluster, leader) => {
    leader.slowDown(2 * LEASE - 20)
    await cluster.clock.advance(20 * HEARTBEAT)
  })
  ok(load.took.length > 1_000)
})

test.each(['leader', 'follower', 'both'])(
  'pauses shorter than half the heartbeat timeout, of the %s',
  async (whose) => {
    for (const seed of [1, 2, 3]) {
      await keepsLeading(async (cluster, leader, [follower]) => {
        for (let pause = 0; pause < 20; pause++) {
          const paused = [...(whose === 'follower' ? [] : [leader]), ...(whose === 'leader' ? [] : [follower!])]
          for (const { process } of paused) process.pause()
          await cluster.clock.advance(HEARTBEAT / 2 - 10)
          for (const { process } of paused) process.resume()
          // At any point between two heartbeats.
          await cluster.clock.advance(30 + 17 * pause)
        }
      }, seed)
    }
  },
)

test('a pause beyond the lease, which nobody else noticed: the answers that wait are heard before the lease is judged', async () => {
  await keepsLeading(async (cluster, leader) => {
    leader.process.pause()
    await cluster.clock.advance(LEASE + 200)
    leader.process.resume()
    await cluster.clock.advance(5 * HEARTBEAT)
  })
})

test('after a pause in which another one was elected, no read is answered by the old leader', async () => {
  await using cluster = await SlowCluster.start()
  const old = await cluster.leader()
  old.process.pause()
  const next = await cluster.leader(cluster.followersOf(old))
  await cluster.settle(next.raft.apply(new Uint8Array(1)))
  old.process.resume()
  equal(old.raft.state, 'Leader', 'it has not heard of the other one yet')
  await rejects(cluster.settle(old.raft.read(() => old.fsm.count)), { outcome: 'rejected' })
  equal(await cluster.leader(), next)
})

test('a leader whose oldest write has been open for twice the lease steps down, and another one takes over', async () => {
  await using cluster = await SlowCluster.start()
  const leader = await cluster.leader()
  const others = cluster.followersOf(leader)
  const load = new SteadyLoad(cluster, leader, { every: 10 })
  await cluster.clock.advance(500)
  leader.disk.hang()
  const since = cluster.clock.now()
  await cluster.until(() => leader.raft.state !== 'Leader', 'the leader steps down')
  const after = cluster.clock.now() - since
  ok(after >= 2 * LEASE - 20 && after <= 2 * LEASE + 100, `it stepped down after ${after} ms`)
  load.stop()
  const next = await cluster.leader(others)
  ok(cluster.clock.now() - since < 2 * LEASE + 3 * HEARTBEAT, 'the next one is elected soon')
  await cluster.settle(next.raft.apply(new Uint8Array(1)))
  ok(load.errors.every((code) => code === 'ERR_RAFT_LEADERSHIP_LOST' || code === 'ERR_RAFT_NOT_LEADER'))
})

test('while its disk hangs a node neither campaigns nor takes over; afterwards it is a member like any other', async () => {
  await using cluster = await SlowCluster.start()
  const stalled = await cluster.leader()
  stalled.disk.hang()
  const call = stalled.raft.apply(new Uint8Array(1))
  call.catch(() => undefined)
  await cluster.until(() => stalled.raft.state !== 'Leader', 'the leader steps down')
  const next = await cluster.leader(cluster.followersOf(stalled))
  const term = next.raft.currentTerm
  const target = { id: stalled.id, address: stalled.id }
  await rejects(cluster.settle(next.raft.leadershipTransferToServer(target.id, target.address)))
  // Alone with its disk it hears nobody for long, and still does not campaign: the term stays.
  for (const { id } of cluster.nodes) {
    cluster.network.links.cut(id, stalled.id)
    cluster.network.links.cut(stalled.id, id)
  }
  await cluster.clock.advance(10 * HEARTBEAT)
  equal(stalled.raft.state, 'Follower')
  cluster.network.links.mendAmong(() => true)
  stalled.disk.release()
  await cluster.until(() => stalled.raft.appliedIndex === next.raft.appliedIndex, 'it has caught up')
  equal(next.raft.currentTerm, term)
  await cluster.settle(next.raft.leadershipTransferToServer(target.id, target.address))
  equal(await cluster.leader(), stalled)
})
