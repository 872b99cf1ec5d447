// What a leader holds in memory is bounded, whatever its followers do and however much it is asked for.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'vitest'
import { SlowCluster, type SlowNode, SteadyLoad } from './slow-cluster.ts'

const MINUTE = 60_000
const KB = 1_024
const MB = 1_024 * KB

/** Logs are compacted soon, so that an hour is enough to see it. */
const config = { snapshotInterval: MINUTE, snapshotThreshold: 500, trailingLogs: 500 }

/** Commands of 1 KB, and what becomes of them while a follower is away; afterwards it has to catch up. */
async function without(
  follower: (cluster: SlowCluster, node: SlowNode) => { readonly comeBack: () => Promise<void> },
  { minutes, every }: { readonly minutes: number; readonly every: number },
): Promise<{ mostOpen: number; lateRequests: number }> {
  await using cluster = await SlowCluster.start({ config })
  const leader = await cluster.leader()
  const away = cluster.followersOf(leader)[0]!
  const { comeBack } = follower(cluster, away)
  const load = new SteadyLoad(cluster, leader, { every, bytes: KB })
  await cluster.clock.advance((minutes - 1) * MINUTE)
  const before = leader.open.requests.get(away.id) ?? 0
  await cluster.clock.advance(MINUTE)
  const lateRequests = (leader.open.requests.get(away.id) ?? 0) - before
  load.stop()
  await cluster.clock.advance(100)
  deepEqual(load.errors, [])
  equal(load.took.length, load.sent)
  ok(Math.max(...load.took) < 50, `the slowest took ${Math.max(...load.took)} ms`)
  const mostOpen = leader.open.most.get(away.id) ?? 0
  await comeBack()
  await cluster.until(() => away.raft.appliedIndex === leader.raft.appliedIndex, 'it has caught up')
  equal(away.fsm.bytes, leader.fsm.bytes)
  equal(away.fsm.count, load.sent)
  return { mostOpen, lateRequests }
}

test('a follower that is down for an hour costs the leader nothing, and catches up by a snapshot', async () => {
  let first = 0
  const { mostOpen, lateRequests } = await without(
    (cluster, node) => {
      cluster.kill(node)
      return {
        comeBack: async () => {
          first = Number(cluster.nodes.find(({ raft }) => raft.state === 'Leader')!.raft.stats().last_snapshot_index)
          await cluster.launch(node)
        },
      }
    },
    { minutes: 60, every: 400 },
  )
  ok(first > 8_000, `the log was compacted without it, through ${first}`)
  ok(mostOpen <= 64 * KB, `${mostOpen} bytes were under way to it at a time`)
  // Heartbeats every 100 to 200 ms, and hardly anything else.
  ok(lateRequests < 700, `${lateRequests} requests in a minute`)
})

test('a follower that hangs holds up a bounded part of the log, and the rest is read again when it is back', async () => {
  const { mostOpen } = await without(
    (_cluster, node) => {
      node.process.pause()
      return { comeBack: () => Promise.resolve(node.process.resume()) }
    },
    { minutes: 10, every: 20 },
  )
  // 30 MB were applied meanwhile.
  ok(mostOpen <= 5 * MB, `${mostOpen} bytes were under way to it at a time`)
})

test('commands that no majority stores fill maxPendingBytes and no more: callers choose to wait, or for how long', async () => {
  await using cluster = await SlowCluster.start({ config: { maxPendingBytes: MB } })
  const leader = await cluster.leader()
  for (const { disk } of cluster.followersOf(leader)) disk.hang()
  const before = leader.raft.lastIndex
  const ends: string[] = []
  const apply = (timeout?: number): void => {
    leader.raft.apply(new Uint8Array(64 * KB), { timeout }).then(
      () => ends.push('applied'),
      (error: { code: string; outcome: string }) => ends.push(`${error.code} ${error.outcome}`),
    )
  }
  for (let at = 0; at < 200; at++) apply(100)
  for (let at = 0; at < 40; at++) apply()
  await cluster.clock.advance(1_000)
  equal(leader.raft.lastIndex - before, 16)
  deepEqual(new Set(ends), new Set(['ERR_RAFT_ENQUEUE_TIMEOUT rejected']))
  equal(ends.length, 200 - 16)
  for (const { disk } of cluster.followersOf(leader)) disk.release()
  await cluster.until(() => ends.length === 240, 'those that chose to wait are applied')
  equal(ends.filter((end) => end === 'applied').length, 16 + 40)
  equal(leader.fsm.bytes, (16 + 40) * 64 * KB)
})
