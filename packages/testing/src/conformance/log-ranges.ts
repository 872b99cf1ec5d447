import { equal } from 'node:assert/strict'
import { type Log } from '@raft/core'
import { type ConformanceCase } from './case.ts'
import { entries, entry, holds, isMissing, sameEntries } from './entries.ts'
import { isMonotonic, type LogStoreSubject } from './log-store-subject.ts'

/** What may be read of a log, and how much at a time. */
export const logRangeCases: readonly ConformanceCase<LogStoreSubject>[] = [
  {
    name: 'is empty when it is new',
    async run({ store }) {
      await holds(store, [])
      await isMissing(store, 0)
    },
  },
  {
    name: 'may begin at any index',
    async run({ store }) {
      await store.storeLogs(entries(1_000, 1_002))
      await holds(store, entries(1_000, 1_002))
    },
  },
  {
    name: 'storeLog stores one; storeLogs of none changes nothing',
    async run({ store }) {
      await store.storeLogs([])
      await holds(store, [])
      await store.storeLog(entry(1))
      await store.storeLog(entry(2))
      await store.storeLogs([])
      await holds(store, entries(1, 2))
    },
  },
  {
    name: 'reads a range across several writes, in order',
    async run({ store }) {
      await store.storeLogs(entries(1, 3))
      await store.storeLog(entry(4))
      await store.storeLogs(entries(5, 9))
      sameEntries(await store.getLogs({ from: 2, through: 8, maxBytes: 1_000 }), entries(2, 8))
      sameEntries(await store.getLogs({ from: 5, through: 5, maxBytes: 1_000 }), entries(5, 5))
    },
  },
  {
    name: 'stops a range at the last entry, and rejects one that begins after it',
    async run({ store }) {
      await store.storeLogs(entries(3, 5))
      sameEntries(await store.getLogs({ from: 4, through: 100, maxBytes: 1_000 }), entries(4, 5))
      sameEntries(await store.getLogs({ from: 3, through: Number.MAX_SAFE_INTEGER, maxBytes: 1_000 }), entries(3, 5))
      await isMissing(store, 6)
      await isMissing(store, 2)
    },
  },
  {
    name: 'stops a range before its payloads exceed maxBytes, but gives at least one entry',
    async run({ store }) {
      await store.storeLogs(entries(1, 6))
      for (const [maxBytes, count] of [
        [0, 1],
        [7, 1],
        [8, 1],
        [15, 1],
        [16, 2],
        [40, 5],
        [47, 5],
        [48, 6],
        [Infinity, 6],
      ] as const) {
        sameEntries(await store.getLogs({ from: 1, through: 6, maxBytes }), entries(1, count), `maxBytes ${maxBytes}`)
      }
    },
  },
  {
    name: 'counts data and extensions, and nothing else, as payload',
    async run({ store }) {
      const logs: Log[] = [
        { ...entry(1, 1, 4), extensions: new Uint8Array(6) },
        { ...entry(2), data: undefined },
        { ...entry(3), data: undefined, extensions: new Uint8Array(10) },
        entry(4, 1, 1),
      ]
      await store.storeLogs(logs)
      sameEntries(await store.getLogs({ from: 1, through: 4, maxBytes: 19 }), logs.slice(0, 2))
      sameEntries(await store.getLogs({ from: 1, through: 4, maxBytes: 20 }), logs.slice(0, 3))
      sameEntries(await store.getLogs({ from: 2, through: 4, maxBytes: 0 }), logs.slice(1, 2))
    },
  },
  {
    name: 'replaces the entries that are held at the indexes of new ones, and no others',
    async run({ store }) {
      await store.storeLogs(entries(1, 6))
      await store.storeLogs(entries(3, 4, 2))
      await holds(store, [...entries(1, 2), ...entries(3, 4, 2), ...entries(5, 6)])
      await store.storeLog(entry(1, 3))
      await store.storeLogs(entries(6, 8, 3))
      await holds(store, [entry(1, 3), entry(2), ...entries(3, 4, 2), entry(5), ...entries(6, 8, 3)])
    },
  },
  {
    name: 'tolerates a gap: reads up to it, and after it',
    exempt: isMonotonic,
    async run({ store }) {
      const logs = [...entries(1, 3), ...entries(10, 12)]
      await store.storeLogs(entries(1, 3))
      await store.storeLogs(entries(10, 12))
      await holds(store, logs)
      sameEntries(await store.getLogs({ from: 1, through: 12, maxBytes: 1_000 }), entries(1, 3))
      sameEntries(await store.getLogs({ from: 10, through: 12, maxBytes: 1_000 }), entries(10, 12))
      await isMissing(store, 4)
      await isMissing(store, 9)
    },
  },
  {
    name: 'tolerates a gap within one batch, and fills one that is there',
    exempt: isMonotonic,
    async run({ store }) {
      await store.storeLogs([...entries(1, 2), ...entries(6, 7)])
      await holds(store, [...entries(1, 2), ...entries(6, 7)])
      await store.storeLogs(entries(4, 4, 2))
      await store.storeLogs(entries(3, 3, 2))
      await store.storeLogs(entries(5, 6, 2))
      await holds(store, [...entries(1, 2), ...entries(3, 6, 2), entry(7)])
      equal((await store.getLogs({ from: 1, through: 9, maxBytes: 1_000 })).length, 7)
    },
  },
]
