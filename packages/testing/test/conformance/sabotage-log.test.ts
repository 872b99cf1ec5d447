// The suite must be able to fail: each store here has one bug, and the case that is about it must notice.
import { deepEqual } from 'node:assert/strict'
import { type Log, type LogRange, type LogStore, type LogStoreCapabilities, type LogWrite } from '@raft/core'
import { InmemStore } from '@raft/store-inmem'
import { test } from 'vitest'
import { checkLogStore, logStoreCases } from '../../src/conformance/index.ts'
import { failedNames, notices } from './noticing.ts'

/** A store that reads one entry and several in the same wrong way. */
class Misread extends InmemStore {
  readonly #misread: (log: Log) => Log

  constructor(misread: (log: Log) => Log) {
    super()
    this.#misread = misread
  }

  override getLog(index: number): Log {
    return this.#misread(super.getLog(index))
  }

  override getLogs(range: LogRange): readonly Log[] {
    return super.getLogs(range).map(this.#misread)
  }
}

const bugs: readonly (readonly [bug: string, expected: RegExp, create: () => LogStore])[] = [
  [
    'turns undefined data into empty bytes',
    /undefined and empty bytes apart/,
    () => new Misread((log) => ({ ...log, data: log.data ?? new Uint8Array() })),
  ],
  [
    'turns empty extensions into undefined',
    /undefined and empty bytes apart/,
    () => new Misread((log) => ({ ...log, extensions: log.extensions?.length ? log.extensions : undefined })),
  ],
  ['forgets the type', /entries of every type/, () => new Misread((log) => ({ ...log, type: 0 }))],
  [
    'keeps times in milliseconds',
    /times with nanoseconds/,
    () =>
      new Misread((log) => {
        if (log.appendedAt === undefined) return log
        const { seconds, nanoseconds, offset } = log.appendedAt
        return { ...log, appendedAt: { seconds, nanoseconds: nanoseconds - (nanoseconds % 1_000_000), offset } }
      }),
  ],
  [
    'takes offset 0 for UTC',
    /tells UTC from offset 0/,
    () =>
      new Misread((log) => {
        if (log.appendedAt === undefined) return log
        return { ...log, appendedAt: { ...log.appendedAt, offset: log.appendedAt.offset || undefined } }
      }),
  ],
  ['keeps terms in 32 bits', /term beyond 32 bits/, () => new Misread((log) => ({ ...log, term: log.term >>> 0 }))],
  [
    'keeps a view of the whole buffer that the bytes are in',
    /in a shared buffer change/,
    () => new Misread((log) => ({ ...log, data: log.data && new Uint8Array(log.data.buffer) })),
  ],
  [
    'loses the end of large entries',
    /16 MiB/,
    () => new Misread((log) => ({ ...log, data: log.data?.subarray(0, 1_048_576) })),
  ],
  [
    'answers a range with nothing instead of rejecting',
    /is empty when it is new/,
    () =>
      new (class extends InmemStore {
        override getLogs(range: LogRange): readonly Log[] {
          return range.from > this.lastIndex() ? [] : super.getLogs(range)
        }
      })(),
  ],
  [
    'gives no entry if the first exceeds maxBytes',
    /at least one entry/,
    () =>
      new (class extends InmemStore {
        override getLogs(range: LogRange): readonly Log[] {
          const logs = super.getLogs(range)
          return (logs[0]!.data?.length ?? 0) > range.maxBytes ? [] : logs
        }
      })(),
  ],
  [
    'gives one entry more than fits maxBytes',
    /before its payloads exceed maxBytes/,
    () =>
      new (class extends InmemStore {
        override getLogs(range: LogRange): readonly Log[] {
          return super.getLogs({ ...range, maxBytes: range.maxBytes + 8 })
        }
      })(),
  ],
  [
    'does not count extensions as payload',
    /counts data and extensions/,
    () =>
      new (class extends InmemStore {
        override getLogs(range: LogRange): readonly Log[] {
          const logs = super.getLogs({ ...range, maxBytes: Infinity })
          let bytes = 0
          return logs.filter((log, at) => (bytes += log.data?.length ?? 0) <= range.maxBytes || at === 0)
        }
      })(),
  ],
  [
    'jumps over a gap when it reads a range',
    /reads up to it, and after it/,
    () =>
      new (class extends InmemStore {
        override getLogs(range: LogRange): readonly Log[] {
          const logs = [...super.getLogs(range)]
          const next = logs.at(-1)!.index + 7
          return next <= range.through && next <= this.lastIndex() ? [...logs, this.getLog(next)] : logs
        }
      })(),
  ],
  [
    'excludes the end of a range that it deletes',
    /removes a prefix, both ends included/,
    () =>
      new (class extends InmemStore {
        override deleteRange(min: number, max: number): void {
          super.deleteRange(min, max - 1)
        }
      })(),
  ],
  [
    'deletes all that follows a range',
    /removes a prefix/,
    () =>
      new (class extends InmemStore {
        override deleteRange(min: number, max: number): void {
          if (max >= min) super.deleteRange(min, Infinity)
        }
      })(),
  ],
  [
    'has a first index after a delete in an empty store',
    /deleteRange on an empty store/,
    () =>
      new (class extends InmemStore {
        #isSpoilt = false

        override deleteRange(min: number, max: number): void {
          this.#isSpoilt ||= this.lastIndex() === 0
          super.deleteRange(min, max)
        }

        override firstIndex(): number {
          return this.#isSpoilt ? 1 : super.firstIndex()
        }
      })(),
  ],
  [
    'ignores an entry at an index that is held',
    /replaces the entries that are held/,
    () =>
      new (class extends InmemStore {
        override storeLogs(logs: readonly Log[]): void {
          super.storeLogs(logs.filter((log) => log.index > this.lastIndex()))
        }
      })(),
  ],
  [
    'cuts the log off behind an entry that it replaces',
    /replaces the entries that are held/,
    () =>
      new (class extends InmemStore {
        override storeLogs(logs: readonly Log[]): void {
          if (logs.length > 0) super.deleteRange(logs[0]!.index, Infinity)
          super.storeLogs(logs)
        }
      })(),
  ],
  [
    'removes after it stores',
    /write sets, then removes, then stores/,
    () =>
      new (class extends InmemStore {
        override write({ set, deleteFrom, logs }: LogWrite): void {
          super.write({ set, logs })
          super.write({ deleteFrom })
        }
      })(),
  ],
  [
    'forgets the values of a write',
    /write sets, then removes, then stores/,
    () =>
      new (class extends InmemStore {
        override write({ deleteFrom, logs }: LogWrite): void {
          super.write({ deleteFrom, logs })
        }
      })(),
  ],
  [
    'does not declare the write that it has',
    /declares what it can do/,
    () =>
      new (class extends InmemStore {
        override readonly capabilities: LogStoreCapabilities = { contract: 1 }
      })(),
  ],
  [
    'detaches the bytes of an entry',
    /only borrows entries/,
    () =>
      new (class extends InmemStore {
        override storeLogs(logs: readonly Log[]): void {
          super.storeLogs(logs.map((log) => ({ ...log, data: log.data?.slice() })))
          for (const { data } of logs) if (data) structuredClone(0, { transfer: [data.buffer as ArrayBuffer] })
        }
      })(),
  ],
  [
    'shows half of a write',
    /the state before or after it/,
    () => {
      const store = new InmemStore()
      const storeLogs = store.storeLogs.bind(store)
      return Object.assign(store, {
        async storeLogs(logs: readonly Log[]): Promise<void> {
          storeLogs(logs.slice(0, 3))
          await Promise.resolve()
          storeLogs(logs.slice(3))
        },
      })
    },
  ],
]

test('a store without a bug passes', async () => {
  const report = await checkLogStore({ create: () => new Misread((log) => log) })
  deepEqual(failedNames(report), [])
})

for (const [bug, expected, create] of bugs) {
  test(`a store that ${bug} fails`, () => notices(logStoreCases, { create }, expected))
}

test('a store that loses its entries fails', async () => {
  const setup = { create: () => new InmemStore(), reopen: () => new InmemStore() }
  await notices(logStoreCases, setup, /replaced and removed is so after a reopening/)
  await notices(logStoreCases, setup, /in one step is so after a reopening/)
})

test('what is skipped is reported, with the reason', async () => {
  const store = (): LogStore => {
    const plain = new InmemStore()
    Object.defineProperty(plain, 'capabilities', { value: { contract: 1, monotonic: true } })
    return Object.defineProperty(plain, 'write', { value: undefined })
  }
  const { contract, failed, skipped } = await checkLogStore({ create: store })
  deepEqual({ contract, failed }, { contract: 1, failed: [] })
  deepEqual([...new Set(skipped.map(({ reason }) => reason))].toSorted(), [
    'the setup does not say where the files of a store are',
    'the setup has no reopen',
    'the store declares that it is monotonic',
    'the store does not declare atomicWrite',
  ])
})
