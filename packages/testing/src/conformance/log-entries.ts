import { deepEqual, equal, ok } from 'node:assert/strict'
import { type Log, LogType, type Timestamp } from '@raft/core'
import { type ConformanceCase } from './case.ts'
import { entries, entry, fields, holds } from './entries.ts'
import { type LogStoreSubject } from './log-store-subject.ts'

const bytesOf = (...values: number[]): Uint8Array => Uint8Array.from(values)

const times: readonly (Timestamp | undefined)[] = [
  undefined,
  { seconds: 1_700_000_000, nanoseconds: 123_456_789 },
  { seconds: 0, nanoseconds: 0, offset: 0 },
  { seconds: 1_700_000_000, nanoseconds: 999_999_999, offset: 19_800 },
  { seconds: 1_700_000_000, nanoseconds: 1, offset: -12_600 },
  { seconds: -1, nanoseconds: 999_999_999 },
  { seconds: -62_135_596_799, nanoseconds: 5, offset: 60 },
]

/** What a store keeps of an entry. */
export const logEntryCases: readonly ConformanceCase<LogStoreSubject>[] = [
  {
    name: 'keeps entries of every type',
    async run({ store }) {
      const logs = Object.values(LogType).map((type, at): Log => ({ ...entry(at + 1), type }))
      await store.storeLogs(logs)
      await holds(store, logs)
    },
  },
  {
    name: 'keeps undefined and empty bytes apart, in data and in extensions',
    async run({ store }) {
      const logs: Log[] = []
      for (const data of [undefined, bytesOf(), bytesOf(0), bytesOf(1, 2, 3)]) {
        for (const extensions of [undefined, bytesOf(), bytesOf(0), bytesOf(4, 5)]) {
          logs.push({ index: logs.length + 1, term: 1, type: LogType.Command, data, extensions })
        }
      }
      await store.storeLogs(logs)
      await holds(store, logs)
    },
  },
  {
    name: 'keeps times with nanoseconds and zone, before 1970 too, and tells UTC from offset 0 and from no time',
    async run({ store }) {
      const logs = times.map((appendedAt, at): Log => ({ ...entry(at + 1), appendedAt }))
      await store.storeLogs(logs)
      await holds(store, logs)
    },
  },
  {
    name: 'keeps indexes and terms up to 2^53 - 1',
    async run({ store }) {
      const logs = entries(Number.MAX_SAFE_INTEGER - 2, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
      await store.storeLogs(logs)
      await holds(store, logs)
    },
  },
  {
    name: 'keeps a term beyond 32 bits, and term 0',
    async run({ store }) {
      const logs = [entry(1, 0), entry(2, 2 ** 32), entry(3, 2 ** 32 + 1), entry(4, 2 ** 40)]
      await store.storeLogs(logs)
      await holds(store, logs)
    },
  },
  {
    name: 'keeps an entry of 16 MiB beside small ones',
    async run({ store }) {
      const logs = [entry(1), entry(2, 1, 16 * 1_048_576), entry(3)]
      await store.storeLogs(logs)
      const read = await store.getLogs({ from: 1, through: 3, maxBytes: Infinity })
      equal(read.length, 3)
      for (const [at, log] of read.entries()) ok(Buffer.from(log.data!).equals(logs[at]!.data!), `entry ${log.index}`)
    },
  },
  {
    name: 'keeps 5,000 entries of one batch',
    async run({ store }) {
      const logs = entries(1, 5_000)
      await store.storeLogs(logs)
      const read: Log[] = []
      while (read.length < logs.length) {
        read.push(...(await store.getLogs({ from: read.length + 1, through: 5_000, maxBytes: 3_000 })))
      }
      deepEqual(read.map(fields), logs.map(fields))
    },
  },
  {
    name: 'keeps an entry as it was when the bytes around it in a shared buffer change',
    async run({ store }) {
      const shared = new Uint8Array(64).fill(7)
      const data = shared.subarray(16, 32)
      const extensions = Buffer.from(shared.buffer, 40, 8)
      const log: Log = { index: 1, term: 1, type: LogType.Command, data, extensions }
      await store.storeLog(log)
      shared.fill(9, 0, 16)
      const read = await store.getLog(1)
      equal(read.data?.length, 16)
      equal(read.extensions?.length, 8)
      ok(read.data.every((byte) => byte === 7))
      ok(read.extensions.every((byte) => byte === 7))
    },
  },
  {
    name: 'only borrows entries: it takes frozen ones, and neither changes nor detaches their bytes',
    async run({ store }) {
      const logs = entries(1, 3).map((log) =>
        Object.freeze({ ...log, extensions: bytesOf(1, 2), appendedAt: times[1] }),
      )
      const before = logs.map(fields)
      await store.storeLogs(Object.freeze(logs))
      await store.storeLog(logs[2]!)
      await store.getLogs({ from: 1, through: 3, maxBytes: 1_000 })
      await store.deleteRange(1, 2)
      deepEqual(logs.map(fields), before)
    },
  },
]
