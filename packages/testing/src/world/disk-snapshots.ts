import {
  CorruptError,
  type SnapshotDescription,
  SnapshotError,
  type SnapshotMeta,
  type SnapshotReader,
  type SnapshotSink,
  type SnapshotStore,
  type SnapshotStoreCapabilities,
} from '@raft/core'
import { concatBytes } from '../bytes.ts'
import type { SimulatedDisk } from './simulated-disk.ts'
import type { SimulatedProcess } from './simulated-process.ts'

/** A complete snapshot on a disk. */
export interface SnapshotFile {
  readonly meta: SnapshotMeta
  readonly bytes: Uint8Array
  /** Damaged: opening it fails. */
  rotten: boolean
}

/** How many complete snapshots are kept. */
const RETAINED = 2

/** Bytes that a reader hands out at a time. */
const PIECE = 4_096

/** The snapshots of a disk as one process sees them. What it has not closed when it dies is gone. */
export class DiskSnapshots implements SnapshotStore {
  readonly capabilities: SnapshotStoreCapabilities = { contract: 1 }
  readonly files: SnapshotFile[]
  readonly #disk: SimulatedDisk
  readonly #process: SimulatedProcess
  #created = 0

  /** @internal Made by `SimulatedDisk.open`. */
  constructor(disk: SimulatedDisk, process: SimulatedProcess, files: SnapshotFile[]) {
    this.#disk = disk
    this.#process = process
    this.files = files
  }

  create(description: SnapshotDescription): Promise<SnapshotSink> {
    const { term, index, version } = description
    if (version !== 1) return Promise.reject(new SnapshotError(`unsupported snapshot version ${version}`))
    const id = `${term}-${index}-${Math.floor(this.#disk.clock.now())}-${++this.#created}`
    return this.#later(
      () => new DiskSink(id, description, { close: (file) => this.#close(file), later: (fn) => this.#later(fn) }),
    )
  }

  list(): readonly SnapshotMeta[] {
    return this.files.map((file) => file.meta)
  }

  open(id: string): Promise<SnapshotReader> {
    return this.#later(() => {
      const file = this.files.find(({ meta }) => meta.id === id)
      if (file === undefined) throw new SnapshotError(`snapshot ${id} does not exist`)
      if (file.rotten) throw new CorruptError(`snapshot ${id} is damaged`)
      return new DiskReader(file, (fn) => this.#later(fn))
    })
  }

  remove(id: string): Promise<void> {
    return this.#later(() => {
      const at = this.files.findIndex(({ meta }) => meta.id === id)
      if (at >= 0) this.files.splice(at, 1)
    })
  }

  /** Does something once some time has passed, unless the disk fails. */
  #later<T>(fn: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        try {
          const error = this.#disk.failure()
          if (error !== undefined) throw error
          resolve(fn())
        } catch (error) {
          reject(error)
        }
      }
      this.#disk.after(() => this.#process.run(finish))
    })
  }

  /** Lists a snapshot. If the process dies meanwhile, it may be there or not. */
  #close(file: SnapshotFile): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#disk.after(() => {
        if (this.#process.isDead && this.#disk.chance(0.5)) return
        const error = this.#disk.failure()
        if (error === undefined) {
          this.files.push(file)
          this.files.sort((one, other) => compare(other.meta, one.meta))
          this.files.splice(RETAINED)
          this.#disk.observer?.saved?.(file)
        }
        this.#process.run(() => (error === undefined ? resolve() : reject(error)))
      })
    })
  }
}

function compare(one: SnapshotMeta, other: SnapshotMeta): number {
  return one.term - other.term || one.index - other.index || (one.id < other.id ? -1 : 1)
}

interface SinkHost {
  close(file: SnapshotFile): Promise<void>
  later<T>(fn: () => T): Promise<T>
}

class DiskSink implements SnapshotSink {
  readonly id: string
  readonly #description: SnapshotDescription
  readonly #host: SinkHost
  #chunks: Uint8Array[] = []
  #state: 'open' | 'closed' | 'cancelled' = 'open'

  constructor(id: string, description: SnapshotDescription, host: SinkHost) {
    this.id = id
    this.#description = description
    this.#host = host
  }

  write(chunk: Uint8Array): Promise<void> {
    if (this.#state !== 'open') return Promise.reject(new SnapshotError(`snapshot ${this.id} is ${this.#state}`))
    // The caller may use the memory again once this resolves, and only then.
    return this.#host.later(() => void this.#chunks.push(chunk.slice()))
  }

  close(): Promise<void> {
    if (this.#state === 'cancelled') return Promise.reject(new SnapshotError(`snapshot ${this.id} is cancelled`))
    if (this.#state === 'closed') return Promise.resolve()
    this.#state = 'closed'
    const bytes = concatBytes(this.#chunks)
    const meta: SnapshotMeta = { ...this.#description, id: this.id, size: bytes.length }
    return this.#host.close({ meta, bytes, rotten: false })
  }

  cancel(): Promise<void> {
    if (this.#state === 'open') this.#state = 'cancelled'
    this.#chunks = []
    return Promise.resolve()
  }
}

class DiskReader implements SnapshotReader {
  readonly meta: SnapshotMeta
  readonly #bytes: Uint8Array
  readonly #later: <T>(fn: () => T) => Promise<T>

  constructor(file: SnapshotFile, later: <T>(fn: () => T) => Promise<T>) {
    this.meta = file.meta
    this.#bytes = file.bytes
    this.#later = later
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (let from = 0; from < this.#bytes.length; from += PIECE) {
      yield await this.#later(() => this.#bytes.slice(from, from + PIECE))
    }
  }

  close(): void {}
}
