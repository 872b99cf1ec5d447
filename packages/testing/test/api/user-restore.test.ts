import { deepEqual, equal } from 'node:assert/strict'
import type { SnapshotMeta } from '@raft/core'
import { describe, test } from 'vitest'
import type { MockFSM } from '../../src/index.ts'
import { applyAll, bytes, fate, simulated, type Simulated, text, texts, wrapAppends } from './support.ts'

// TestRaft_UserRestore: a snapshot of ten commands is given back to a cluster that went on since, or to another one,
// with its index moved on by an offset.
const offsets = [0, 1, 2, 100, 1_000, 10_000]
const first = texts('a', 10)

interface Taken extends Simulated<number> {
  readonly meta: SnapshotMeta
  readonly data: readonly Uint8Array[]
}

/** A cluster with ten commands in a snapshot, and ten after it. */
async function taken(monotonicLogs: boolean): Promise<Taken> {
  const { cluster, clock } = await simulated(3, { monotonicLogs })
  const { raft } = await cluster.leader()
  await applyAll(cluster, raft, first)
  const { meta, open } = await cluster.settle(raft.snapshot())
  const data: Uint8Array[] = []
  const reader = await open()
  for await (const chunk of reader) data.push(chunk.slice())
  await reader.close()
  await applyAll(cluster, raft, texts('b', 10))
  return { cluster, clock, meta, data }
}

for (const monotonicLogs of [false, true]) {
  for (const elsewhere of [false, true]) {
    const where = elsewhere ? 'to another cluster' : 'to the same cluster'
    describe(`a snapshot is given ${where}, ${monotonicLogs ? 'whose logs hold no gaps' : 'of plain logs'}`, () => {
      for (const offset of offsets) {
        test(`with its index moved on by ${offset}`, async () => {
          const { meta, data, ...source } = await taken(monotonicLogs)
          const { cluster } = elsewhere ? await simulated(3, { monotonicLogs }) : source
          if (elsewhere) await source.cluster.close()
          const { raft, store } = await cluster.leader()
          const before = raft.lastIndex
          const index = meta.index + offset
          await cluster.settle(raft.restore({ ...meta, index }, data))

          // A hole, and the no-op behind it.
          equal(raft.lastIndex, Math.max(before, index) + 2)
          await cluster.ensureSame()
          for (const { fsm } of cluster.nodes) deepEqual((fsm as MockFSM).logs().map(text), first)

          const { index: next, response } = await cluster.settle(raft.apply(bytes('c0')))
          deepEqual({ next, response }, { next: Math.max(before, index) + 3, response: 11 })
          await applyAll(cluster, raft, texts('d', 9))
          await cluster.ensureSame()
          for (const { fsm } of cluster.nodes) equal((fsm as MockFSM).logs().length, 20)
          // The log behind the hole is what counts; what was before it is gone.
          equal(store.firstIndex(), Math.max(before, index) + 2)
          deepEqual(await cluster.ensureSamePeers(), raft.getConfiguration().configuration.servers)
          await cluster.close()
        })
      }
    })
  }
}

test('commands under way end with the outcome unknown and do not come back, and later ones wait', async () => {
  const { cluster, clock, meta, data } = await taken(false)
  const leader = await cluster.leader()
  const { raft, fsm } = leader
  await cluster.ensureSame()
  wrapAppends(cluster, leader, async (send) => {
    await new Promise<void>((resolve) => clock.setTimer(resolve, 10))
    return send()
  })
  const underWay = Promise.all(texts('lost', 3).map((command) => fate(raft.apply(bytes(command)))))
  await clock.settle()
  const restored = raft.restore(meta, data)
  const later = raft.apply(bytes('later'))
  await cluster.settle(Promise.all([restored, later]))
  deepEqual(
    await underWay,
    [0, 1, 2].map(() => 'ABORTED_BY_RESTORE unknown'),
  )
  await cluster.ensureSame()
  deepEqual((fsm as MockFSM).logs().map(text), [...first, 'later'])
  await cluster.close()
})
