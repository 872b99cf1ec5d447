import { deepEqual, equal, ok } from 'node:assert/strict'
import type { SnapshotStore } from '@raft/core'
import { type ConformanceCase } from './case.ts'
import { describeSnapshot, drain, newestIs, stateBytes, takeSnapshot } from './snapshots.ts'
import { type StoreSubject } from './subject.ts'

/** What is listed, in which order, and what may be read while others are written. */
export const snapshotReadCases: readonly ConformanceCase<StoreSubject<SnapshotStore>>[] = [
  {
    name: 'lists the newest first: by term, then by index',
    async run({ store }) {
      const positions = [
        [1, 30],
        [2, 5],
        [2, 9],
        [3, 2],
        [3, 10],
      ] as const
      for (const [term, index] of positions) {
        await takeSnapshot(store, describeSnapshot(term, index), stateBytes(10, index))
        const listed = await store.list()
        equal(listed[0]?.term, term)
        equal(listed[0]?.index, index)
        const sorted = listed.toSorted((left, right) => right.term - left.term || right.index - left.index)
        deepEqual([...listed], sorted)
      }
      // Numbers, not texts, are compared: 10 is more than 9.
      await takeSnapshot(store, describeSnapshot(10, 1), stateBytes(10, 1))
      equal((await store.list())[0]?.term, 10)
    },
  },
  {
    name: 'opens a snapshot several times, also at once',
    async run({ store }) {
      const state = stateBytes(300_000)
      const id = await takeSnapshot(store, describeSnapshot(1, 1), state)
      const readers = [await store.open(id), await store.open(id)]
      const contents = await Promise.all(readers.map(drain))
      for (const reader of readers) await reader.close()
      for (const content of contents) ok(content.equals(state))
      await newestIs(store, id, describeSnapshot(1, 1), state)
    },
  },
  {
    name: 'closes a reader that was not read to its end, or not at all',
    async run({ store }) {
      const state = stateBytes(300_000)
      const id = await takeSnapshot(store, describeSnapshot(1, 1), state)
      const unread = await store.open(id)
      await unread.close()
      const reader = await store.open(id)
      for await (const chunk of reader) {
        ok(chunk.length > 0)
        break
      }
      await reader.close()
      await newestIs(store, id, describeSnapshot(1, 1), state)
    },
  },
  {
    name: 'keeps the newest readable while another is written, and after that one is cancelled',
    async run({ store }) {
      const state = stateBytes(1_000)
      const id = await takeSnapshot(store, describeSnapshot(1, 1), state)
      const sink = await store.create(describeSnapshot(1, 2))
      await sink.write(stateBytes(1_000, 2))
      await newestIs(store, id, describeSnapshot(1, 1), state)
      await sink.cancel()
      await newestIs(store, id, describeSnapshot(1, 1), state)
    },
  },
  {
    name: 'lets a reader go on when a newer snapshot is completed',
    async run({ store }) {
      const state = stateBytes(1_000_000)
      const id = await takeSnapshot(store, describeSnapshot(1, 1), state)
      const reader = await store.open(id)
      const chunks: Uint8Array[] = []
      for await (const chunk of reader) {
        if (chunks.length === 0) await takeSnapshot(store, describeSnapshot(1, 2), stateBytes(10, 2))
        chunks.push(Uint8Array.from(chunk))
      }
      await reader.close()
      ok(Buffer.concat(chunks).equals(state))
    },
  },
  {
    name: 'writes two snapshots at once, each apart',
    async run({ store }) {
      const older = await store.create(describeSnapshot(1, 1))
      const newer = await store.create(describeSnapshot(1, 2))
      for (let at = 0; at < 10; at++) {
        await older.write(stateBytes(1_000, 1))
        await newer.write(stateBytes(500, 2))
      }
      await older.close()
      const state = Buffer.concat(Array.from({ length: 10 }, () => stateBytes(1_000, 1)))
      await newestIs(store, older.id, describeSnapshot(1, 1), state)
      await newer.close()
      const newerState = Buffer.concat(Array.from({ length: 10 }, () => stateBytes(500, 2)))
      await newestIs(store, newer.id, describeSnapshot(1, 2), newerState)
    },
  },
]
