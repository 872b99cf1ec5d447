import { deepEqual, equal } from 'node:assert/strict'
import { type Log, LogType } from '@raft/core'
import { type ConformanceCase } from './case.ts'
import { entries, entry, fields, holds } from './entries.ts'
import { cannotWriteAtomically, type LogStoreSubject, stableOf, write } from './log-store-subject.ts'
import { cannotReopen } from './subject.ts'

const bytesOf = (...values: number[]): Uint8Array => Uint8Array.from(values)

/** What is declared, what runs side by side, what is one step, and what survives. */
export const logWriteCases: readonly ConformanceCase<LogStoreSubject>[] = [
  {
    name: 'declares what it can do, and has it',
    async run({ store }) {
      equal(store.capabilities?.contract ?? 1, 1, 'the version of the contract')
      equal(store.write !== undefined, store.capabilities?.atomicWrite === true, 'write goes with atomicWrite')
      if ('isMonotonic' in store && typeof store.isMonotonic === 'function') {
        equal(store.isMonotonic(), store.capabilities?.monotonic === true, 'isMonotonic agrees with capabilities')
      }
    },
  },
  {
    name: 'answers reads beside a write with the state before or after it',
    async run({ store }) {
      await store.storeLogs(entries(1, 50))
      const writing = Promise.resolve(store.storeLogs(entries(41, 200, 2)))
      const reads: Promise<readonly Log[]>[] = []
      for (let at = 0; at < 20; at++) {
        reads.push(Promise.resolve(store.getLogs({ from: 31, through: 200, maxBytes: 1_000_000 })))
      }
      const before = entries(31, 50).map(fields)
      const after = [...entries(31, 40), ...entries(41, 200, 2)].map(fields)
      for (const logs of await Promise.all(reads)) deepEqual(logs.map(fields), logs.length === 20 ? before : after)
      await writing
      const last = await store.lastIndex()
      equal(last, 200)
    },
  },
  {
    name: 'write sets, then removes, then stores',
    exempt: cannotWriteAtomically,
    async run({ store }) {
      const stable = stableOf(store)
      const set = stable === undefined ? undefined : [{ key: 'vote', value: bytesOf(1, 2) }]
      await store.storeLogs(entries(1, 6))
      await write(store, { set, deleteFrom: 4, logs: entries(4, 5, 2) })
      await holds(store, [...entries(1, 3), ...entries(4, 5, 2)])
      if (stable !== undefined) deepEqual([...((await stable.get('vote')) ?? [])], [1, 2])
    },
  },
  {
    name: 'write does what it is given, and takes parts that change nothing',
    exempt: cannotWriteAtomically,
    async run({ store }) {
      await write(store, {})
      await write(store, { logs: [] })
      await write(store, { deleteFrom: 3 })
      await holds(store, [])
      await write(store, { logs: entries(1, 6) })
      await write(store, { deleteFrom: 7, logs: [entry(7)] })
      await holds(store, entries(1, 7))
      await write(store, { deleteFrom: 5 })
      await holds(store, entries(1, 4))
      await write(store, { deleteFrom: 1, logs: entries(20, 21) })
      await holds(store, entries(20, 21))
      await write(store, { deleteFrom: 0 })
      await holds(store, [])
    },
  },
  {
    name: 'write sets several values at once, the last of a key winning',
    exempt: (subject) =>
      cannotWriteAtomically(subject) ?? (stableOf(subject.store) === undefined ? 'no stable store' : undefined),
    async run({ store }) {
      const stable = stableOf(store)!
      await write(store, { set: [{ key: 'a', value: bytesOf(1) }] })
      await write(store, {
        set: [
          { key: 'b', value: bytesOf(2) },
          { key: 'a', value: bytesOf(3) },
          { key: 'a', value: bytesOf() },
        ],
      })
      deepEqual([...((await stable.get('b')) ?? [])], [2])
      deepEqual(await stable.get('a'), bytesOf())
    },
  },
  {
    name: 'what was stored, replaced and removed is so after a reopening',
    exempt: cannotReopen,
    async run(subject) {
      const full: Log = {
        ...entry(3, 2),
        type: LogType.Configuration,
        extensions: bytesOf(),
        appendedAt: { seconds: 5, nanoseconds: 6, offset: 7 },
      }
      await subject.store.storeLogs(entries(1, 9))
      await subject.store.deleteRange(5, 9)
      await subject.store.storeLogs([full, { ...entry(4), data: undefined }])
      await subject.store.deleteRange(1, 1)
      const expected = [entry(2), full, { ...entry(4), data: undefined }]
      await subject.reopen()
      await holds(subject.store, expected)
      await subject.store.storeLog(entry(5, 3))
      await subject.reopen()
      await holds(subject.store, [...expected, entry(5, 3)])
      await subject.store.deleteRange(0, 5)
      await subject.reopen()
      await holds(subject.store, [])
    },
  },
  {
    name: 'what was written in one step is so after a reopening',
    exempt: (subject) => cannotReopen(subject) ?? cannotWriteAtomically(subject),
    async run(subject) {
      const hasStable = stableOf(subject.store) !== undefined
      const set = hasStable ? [{ key: 'vote', value: bytesOf(9) }] : undefined
      await write(subject.store, { set, logs: entries(1, 4) })
      await write(subject.store, { deleteFrom: 3, logs: entries(3, 3, 2) })
      await subject.reopen()
      await holds(subject.store, [...entries(1, 2), entry(3, 2)])
      if (hasStable) deepEqual([...((await stableOf(subject.store)!.get('vote')) ?? [])], [9])
    },
  },
]
