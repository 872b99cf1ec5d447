import { type ConformanceCase } from './case.ts'
import { entries, entry, holds, sameEntries } from './entries.ts'
import { isMonotonic, type LogStoreSubject } from './log-store-subject.ts'

/** What removing entries leaves. */
export const logRemovalCases: readonly ConformanceCase<LogStoreSubject>[] = [
  {
    name: 'deleteRange on an empty store changes nothing',
    async run({ store }) {
      await store.deleteRange(0, 0)
      await store.deleteRange(1, 10)
      await holds(store, [])
      await store.storeLogs(entries(7, 8))
      await holds(store, entries(7, 8))
    },
  },
  {
    name: 'removes a prefix, both ends included',
    async run({ store }) {
      await store.storeLogs(entries(1, 4))
      await store.storeLogs(entries(5, 9))
      await store.deleteRange(1, 1)
      await holds(store, entries(2, 9))
      await store.deleteRange(1, 6)
      await holds(store, entries(7, 9))
      await store.storeLog(entry(10))
      await holds(store, entries(7, 10))
    },
  },
  {
    name: 'removes a suffix, both ends included, and goes on from there',
    async run({ store }) {
      await store.storeLogs(entries(1, 5))
      await store.storeLogs(entries(6, 9))
      await store.deleteRange(9, 9)
      await store.deleteRange(4, 8)
      await holds(store, entries(1, 3))
      await store.storeLogs(entries(4, 5, 2))
      await holds(store, [...entries(1, 3), ...entries(4, 5, 2)])
    },
  },
  {
    name: 'removes everything, and may then begin elsewhere, before or after',
    async run({ store }) {
      await store.storeLogs(entries(5, 9))
      await store.deleteRange(5, 9)
      await holds(store, [])
      await store.storeLogs(entries(2, 6, 2))
      await holds(store, entries(2, 6, 2))
      await store.deleteRange(0, 1_000)
      await holds(store, [])
      await store.storeLogs(entries(100, 101))
      await holds(store, entries(100, 101))
    },
  },
  {
    name: 'does not mind entries of a range that are missing, or a range that is empty',
    async run({ store }) {
      await store.storeLogs(entries(5, 7))
      await store.deleteRange(1, 4)
      await store.deleteRange(8, 20)
      await store.deleteRange(7, 6)
      await holds(store, entries(5, 7))
      await store.deleteRange(7, Number.MAX_SAFE_INTEGER)
      await store.deleteRange(0, 5)
      await holds(store, entries(6, 6))
    },
  },
  {
    name: 'removes from the middle, which leaves a gap',
    exempt: isMonotonic,
    async run({ store }) {
      await store.storeLogs(entries(1, 9))
      await store.deleteRange(4, 4)
      await store.deleteRange(6, 7)
      await holds(store, [...entries(1, 3), entry(5), ...entries(8, 9)])
      sameEntries(await store.getLogs({ from: 1, through: 9, maxBytes: 1_000 }), entries(1, 3))
      await store.storeLogs(entries(6, 7, 2))
      await holds(store, [...entries(1, 3), entry(5), ...entries(6, 7, 2), ...entries(8, 9)])
    },
  },
  {
    name: 'removes over a gap: a prefix, a suffix, and what is on both sides',
    exempt: isMonotonic,
    async run({ store }) {
      await store.storeLogs(entries(1, 4))
      await store.storeLogs(entries(10, 14))
      await store.storeLogs(entries(20, 24))
      await store.deleteRange(4, 10)
      await holds(store, [...entries(1, 3), ...entries(11, 14), ...entries(20, 24)])
      await store.deleteRange(1, 7)
      await holds(store, [...entries(11, 14), ...entries(20, 24)])
      await store.deleteRange(17, 30)
      await holds(store, entries(11, 14))
    },
  },
  {
    name: 'stores an entry before the first one, after a prefix was removed',
    exempt: isMonotonic,
    async run({ store }) {
      await store.storeLogs(entries(1, 6))
      await store.storeLogs(entries(7, 9))
      await store.deleteRange(1, 4)
      await store.storeLog(entry(2, 2))
      await holds(store, [entry(2, 2), ...entries(5, 9)])
      await store.deleteRange(1, 7)
      await store.storeLogs(entries(3, 6, 3))
      await holds(store, [...entries(3, 6, 3), ...entries(8, 9)])
    },
  },
]
