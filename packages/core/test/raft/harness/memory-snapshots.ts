import type {
  SnapshotDescription,
  SnapshotMeta,
  SnapshotReader,
  SnapshotSink,
  SnapshotStore,
} from '../../../src/interfaces/snapshot-store.ts'

interface Stored {
  readonly meta: SnapshotMeta
  readonly bytes: Uint8Array
}

/** Snapshots in memory. */
export class MemorySnapshots implements SnapshotStore {
  stored: Stored[] = []
  /** How many are kept. */
  retained = Infinity
  /** What a snapshot waits for before it is listed. */
  closing: Promise<void> | undefined
  /** IDs that cannot be opened. */
  readonly damaged = new Set<string>()
  createError: Error | undefined
  #made = 0

  create(description: SnapshotDescription): SnapshotSink {
    if (this.createError !== undefined) throw this.createError
    this.#made += 1
    const id = `${description.term}-${description.index}-${this.#made}`
    const chunks: Uint8Array[] = []
    let state: 'open' | 'closed' | 'cancelled' = 'open'
    return {
      id,
      write: (chunk) => void chunks.push(chunk.slice()),
      close: async () => {
        if (state !== 'open') return
        state = 'closed'
        await this.closing
        const bytes = Buffer.concat(chunks)
        this.stored.unshift({ meta: { ...description, id, size: bytes.length }, bytes })
        this.stored.sort((left, right) => right.meta.term - left.meta.term || right.meta.index - left.meta.index)
        this.stored.splice(this.retained)
      },
      cancel: () => {
        if (state === 'open') state = 'cancelled'
      },
    }
  }

  list(): readonly SnapshotMeta[] {
    return this.stored.map(({ meta }) => meta)
  }

  remove(id: string): void {
    this.stored = this.stored.filter(({ meta }) => meta.id !== id)
  }

  open(id: string): SnapshotReader {
    const found = this.stored.find(({ meta }) => meta.id === id)
    if (found === undefined || this.damaged.has(id)) throw new Error(`snapshot ${id} cannot be read`)
    return {
      meta: found.meta,
      close: () => undefined,
      async *[Symbol.asyncIterator]() {
        for (let at = 0; at < found.bytes.length; at += 16) yield found.bytes.subarray(at, at + 16)
      },
    }
  }
}
