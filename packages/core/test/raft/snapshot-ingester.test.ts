import { expect, test } from 'vitest'
import type { Context } from '../../src/raft/context.ts'
import { SnapshotIngester } from '../../src/raft/snapshot-ingester.ts'
import type { Snapshotter } from '../../src/raft/snapshotter.ts'
import { MemorySnapshots } from './harness/memory-snapshots.ts'

test('a snapshot that is being written ends before a restore is stored', async () => {
  const snapshots = new MemorySnapshots()
  const events: unknown[] = []
  const context = { post: (event: unknown) => events.push(event) } as unknown as Context
  let ended = (): void => undefined
  const written = new Promise<void>((resolve) => (ended = resolve))
  const snapshotter = { abort: () => written } as Snapshotter
  const codec = { encodePeer: () => new Uint8Array(), decodePeer: () => '' }
  const ingester = new SnapshotIngester({ context, snapshots, codec, snapshotter })
  ingester.offer(1, { data: [Uint8Array.of(7)], size: 1 })
  const snapshot = { index: 9, term: 2, configuration: { servers: [] }, configurationIndex: 1 }
  ingester.ingest({ type: 'ingest-snapshot', request: 1, snapshot })
  await new Promise((resolve) => setImmediate(resolve))
  expect(snapshots.stored).toEqual([])
  ended()
  await new Promise((resolve) => setImmediate(resolve))
  expect(events).toEqual([{ type: 'restore-stored', request: 1 }])
  expect(snapshots.stored.map(({ meta }) => meta.index)).toEqual([9])
})
