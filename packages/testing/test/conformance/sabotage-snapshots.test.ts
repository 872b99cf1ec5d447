// The suite must be able to fail: each store here has one bug, and the case that is about it must notice.
import { deepEqual } from 'node:assert/strict'
import {
  type SnapshotDescription,
  type SnapshotMeta,
  type SnapshotReader,
  type SnapshotSink,
  type SnapshotStore,
} from '@raft/core'
import { DiscardSnapshotStore, InmemSnapshotStore } from '@raft/store-inmem'
import { test } from 'vitest'
import { checkSnapshotStore, snapshotStoreCases } from '../../src/conformance/index.ts'
import { failedNames, notices } from './noticing.ts'

/** A store that can be given bugs; it has none. */
class Store implements SnapshotStore {
  protected readonly inner = new InmemSnapshotStore()

  create(description: SnapshotDescription): SnapshotSink {
    return this.inner.create(description)
  }

  list(): readonly SnapshotMeta[] {
    return this.inner.list()
  }

  open(id: string): SnapshotReader {
    return this.inner.open(id)
  }
}

/** A store whose sinks do something else. */
function withSinks(change: (sink: SnapshotSink) => Partial<SnapshotSink>): SnapshotStore {
  return new (class extends Store {
    override create(description: SnapshotDescription): SnapshotSink {
      const sink = this.inner.create(description)
      const plain: SnapshotSink = {
        id: sink.id,
        write: (chunk) => sink.write(chunk),
        close: () => sink.close(),
        cancel: () => sink.cancel(),
      }
      return { ...plain, ...change(sink) }
    }
  })()
}

/** A store whose metadata says something else. */
function withMeta(change: (meta: SnapshotMeta) => Partial<SnapshotMeta>): SnapshotStore {
  return new (class extends Store {
    override list(): readonly SnapshotMeta[] {
      return super.list().map((meta) => ({ ...meta, ...change(meta) }))
    }
  })()
}

const bugs: readonly (readonly [bug: string, expected: RegExp, create: () => SnapshotStore])[] = [
  [
    'takes any version',
    /refuses a version/,
    () =>
      new (class extends Store {
        override create(description: SnapshotDescription): SnapshotSink {
          return super.create({ ...description, version: 1 })
        }
      })(),
  ],
  [
    'shows a snapshot before it is closed',
    /once it is closed, and not before/,
    () =>
      new (class extends Store {
        override create(description: SnapshotDescription): SnapshotSink {
          super.create(description).close()
          return super.create(description)
        }
      })(),
  ],
  [
    'keeps a snapshot that is cancelled',
    /never shows a cancelled/,
    () => withSinks((sink) => ({ cancel: () => sink.close() })),
  ],
  [
    'reports the close of a cancelled snapshot as a success',
    /rejects its close/,
    () =>
      withSinks((sink) => {
        let isCancelled = false
        return {
          cancel: () => {
            isCancelled = true
            return sink.cancel()
          },
          close: () => (isCancelled ? undefined : sink.close()),
        }
      }),
  ],
  [
    'minds a second close',
    /second close or cancel/,
    () =>
      withSinks((sink) => {
        let isClosed = false
        return {
          close: () => {
            if (isClosed) throw new Error('closed already')
            isClosed = true
            return sink.close()
          },
        }
      }),
  ],
  [
    'loses the last byte of each chunk',
    /once it is closed/,
    () => withSinks((sink) => ({ write: (it) => sink.write(it.subarray(1)) })),
  ],
  [
    'keeps the bytes of the caller',
    /bytes are used again/,
    () =>
      withSinks((sink) => {
        const chunks: Uint8Array[] = []
        return {
          write: (chunk) => void chunks.push(chunk),
          close: async () => {
            for (const chunk of chunks.splice(0)) await sink.write(chunk)
            await sink.close()
          },
        }
      }),
  ],
  ['forgets the legacy peers', /legacy peers/, () => withMeta(() => ({ peers: undefined }))],
  ['makes legacy peers of none', /legacy peers/, () => withMeta(({ peers }) => ({ peers: peers ?? new Uint8Array() }))],
  [
    'sorts the servers',
    /once it is closed/,
    () =>
      withMeta(({ configuration: { servers } }) => ({
        configuration: { servers: servers.toSorted((left, right) => (left.id < right.id ? -1 : 1)) },
      })),
  ],
  ['says a size that is not', /once it is closed/, () => withMeta(({ size }) => ({ size: size + 1 }))],
  [
    'gives several snapshots the same ID',
    /ID of its own/,
    () =>
      new (class extends Store {
        override create(description: SnapshotDescription): SnapshotSink {
          const sink = this.inner.create(description)
          return { id: 'one', write: (it) => sink.write(it), close: () => sink.close(), cancel: () => sink.cancel() }
        }
      })(),
  ],
  [
    'opens a snapshot that does not exist',
    /opens nothing/,
    () =>
      new (class extends Store {
        override open(id: string): SnapshotReader {
          const exists = this.inner.list().some((meta) => meta.id === id)
          if (exists) return super.open(id)
          const sink = this.inner.create({
            version: 1,
            index: 1,
            term: 1,
            configuration: { servers: [] },
            configurationIndex: 1,
          })
          sink.close()
          return super.open(sink.id)
        }
      })(),
  ],
  [
    'reads a snapshot only once',
    /opens a snapshot several times/,
    () =>
      new (class extends Store {
        readonly #read = new Set<string>()

        override open(id: string): SnapshotReader {
          if (this.#read.has(id)) throw new Error('read already')
          this.#read.add(id)
          return super.open(id)
        }
      })(),
  ],
  [
    'forgets the newest snapshot when another is begun',
    /readable while another is written/,
    () =>
      new (class extends Store {
        #current = new InmemSnapshotStore()

        override create(description: SnapshotDescription): SnapshotSink {
          this.#current = new InmemSnapshotStore()
          return this.#current.create(description)
        }

        override list(): readonly SnapshotMeta[] {
          return this.#current.list()
        }

        override open(id: string): SnapshotReader {
          return this.#current.open(id)
        }
      })(),
  ],
  [
    'lists the oldest first, and compares numbers as texts',
    /lists the newest first/,
    () => {
      const stores: InmemSnapshotStore[] = []
      return new (class extends Store {
        override create(description: SnapshotDescription): SnapshotSink {
          const store = new InmemSnapshotStore()
          stores.push(store)
          return store.create(description)
        }

        override list(): readonly SnapshotMeta[] {
          return stores.flatMap((store) => store.list()).sort((left, right) => (left.id < right.id ? 1 : -1))
        }
      })()
    },
  ],
  [
    'keeps what it says that it discards',
    /discards what is written/,
    () =>
      new (class extends InmemSnapshotStore {
        override readonly capabilities = { contract: 1, discards: true } as const
      })(),
  ],
]

test('stores without a bug pass', async () => {
  deepEqual(failedNames(await checkSnapshotStore({ create: () => new Store() })), [])
  deepEqual(failedNames(await checkSnapshotStore({ create: () => new DiscardSnapshotStore() })), [])
})

for (const [bug, expected, create] of bugs) {
  test(`a store that ${bug} fails`, () => notices(snapshotStoreCases, { create }, expected))
}

test('a store that loses its snapshots fails', async () => {
  const setup = { create: () => new Store(), reopen: () => new Store() }
  await notices(snapshotStoreCases, setup, /after a reopening/)
})
