import {
  cloneConfiguration,
  type SnapshotDescription,
  SnapshotError,
  type SnapshotMeta,
  type SnapshotReader,
  type SnapshotSink,
  type SnapshotStore,
  type SnapshotStoreCapabilities,
} from '@raft/core'

/** A complete snapshot. */
interface Snapshot {
  readonly meta: SnapshotMeta
  readonly blocks: readonly Uint8Array[]
}

const capabilities: SnapshotStoreCapabilities = Object.freeze({ contract: 1 })

/**
 * The newest complete snapshot, in memory: nothing survives the process. One that is being written replaces it when it
 * is closed, not before; a reader keeps what it opened. Every method answers at once, without a promise.
 */
export class InmemSnapshotStore implements SnapshotStore {
  readonly capabilities: SnapshotStoreCapabilities = capabilities
  /** Newest first: the newest two, and the one closed last if that is another. */
  #snapshots: readonly Snapshot[] = []
  #latest: string | undefined
  #created = 0

  /** Starts a snapshot. Throws `SnapshotError` for a version other than 1. */
  create(description: SnapshotDescription): InmemSnapshotSink {
    if (description.version !== 1) throw new SnapshotError(`unsupported snapshot version ${description.version}`)
    // A number in place of the time keeps IDs unique, and the same in every run of a simulation. It is as wide as
    // milliseconds are, so that IDs sort as text.
    const id = `${description.term}-${description.index}-${String(++this.#created).padStart(13, '0')}`
    return new InmemSnapshotSink(id, (blocks, size) => {
      this.#keep({ meta: snapshotMeta(description, id, size), blocks })
    })
  }

  /** The complete snapshots, newest first: one at most, or two if the one closed last is not the newest. */
  list(): readonly SnapshotMeta[] {
    return this.#snapshots
      .map((snapshot) => snapshot.meta)
      .filter((meta, place) => place === 0 || meta.id === this.#latest)
  }

  /** Removes a snapshot; the one before it is then the newest again. One that is missing does not matter. */
  remove(id: string): void {
    this.#snapshots = this.#snapshots.filter((snapshot) => snapshot.meta.id !== id)
  }

  /** Throws `SnapshotError` for a snapshot that is not listed. May be called again for the same one. */
  open(id: string): SnapshotReader {
    const found = this.#snapshots.find((snapshot) => snapshot.meta.id === id)
    if (found === undefined) throw new SnapshotError(`snapshot: failed to open snapshot id: ${id}`)
    return new InmemSnapshotReader(found)
  }

  #keep(closed: Snapshot): void {
    this.#latest = closed.meta.id
    const all = [...this.#snapshots, closed].sort((left, right) => (isNewer(left.meta, right.meta) ? -1 : 1))
    this.#snapshots = all.filter(({ meta }, place) => place < 2 || meta.id === this.#latest)
  }
}

const BLOCK_BYTES = 65_536

/** A snapshot being written to memory. It copies what it is given. */
export class InmemSnapshotSink implements SnapshotSink {
  readonly id: string
  readonly #keep: (blocks: readonly Uint8Array[], size: number) => void
  #state: 'open' | 'closed' | 'cancelled' = 'open'
  #blocks: Uint8Array[] = []
  /** Bytes of the last block that are written. */
  #used = 0
  #size = 0

  /** @internal Made by `InmemSnapshotStore.create`. */
  constructor(id: string, keep: (blocks: readonly Uint8Array[], size: number) => void) {
    this.id = id
    this.#keep = keep
  }

  /** Appends a copy of the chunk. Throws `SnapshotError` once closed or cancelled. */
  write(chunk: Uint8Array): void {
    if (this.#state !== 'open') throw new SnapshotError(`snapshot ${this.id} is ${this.#state}`)
    // Blocks, so that a state machine that writes a few bytes at a time does not cost an object for each.
    for (let from = 0; from < chunk.length;) {
      const last = this.#blocks.at(-1)
      if (last === undefined || this.#used === last.length) {
        this.#blocks.push(new Uint8Array(Math.max(BLOCK_BYTES, chunk.length - from)))
        this.#used = 0
      }
      const block = this.#blocks.at(-1)!
      const part = chunk.subarray(from, from + block.length - this.#used)
      block.set(part, this.#used)
      this.#used += part.length
      from += part.length
    }
    this.#size += chunk.length
  }

  /** Makes the snapshot the store's newest. A second call does nothing; after `cancel` it throws `SnapshotError`. */
  close(): void {
    if (this.#state === 'cancelled') throw new SnapshotError(`snapshot ${this.id} is cancelled`)
    if (this.#state === 'closed') return
    this.#state = 'closed'
    const last = this.#blocks.pop()
    if (last !== undefined) this.#blocks.push(last.subarray(0, this.#used))
    this.#keep(this.#blocks, this.#size)
  }

  /** Forgets what was written. A second call, or one after `close`, does nothing. */
  cancel(): void {
    if (this.#state !== 'open') return
    this.#state = 'cancelled'
    this.#blocks = []
  }
}

class InmemSnapshotReader implements SnapshotReader {
  readonly meta: SnapshotMeta
  readonly #blocks: readonly Uint8Array[]
  #closed = false

  constructor({ meta, blocks }: Snapshot) {
    this.meta = meta
    this.#blocks = blocks
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (const block of this.#blocks) {
      if (this.#closed) throw new SnapshotError(`snapshot ${this.meta.id} is closed`)
      yield block
    }
  }

  close(): void {
    this.#closed = true
  }
}

function snapshotMeta(description: SnapshotDescription, id: string, size: number): SnapshotMeta {
  const { version, index, term, peers, configuration, configurationIndex } = description
  return {
    version,
    id,
    index,
    term,
    peers: peers?.slice(),
    configuration: cloneConfiguration(configuration),
    configurationIndex,
    size,
  }
}

/** By term, then index, then ID, as all snapshot stores order them. */
function isNewer(left: SnapshotMeta, right: SnapshotMeta): boolean {
  if (left.term !== right.term) return left.term > right.term
  if (left.index !== right.index) return left.index > right.index
  return left.id > right.id
}
