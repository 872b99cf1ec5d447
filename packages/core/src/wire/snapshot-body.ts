import { ConnectionError } from '../types/errors.ts'

/** Bytes that wait for the reader before the sender is slowed down. */
const highWater = 1_048_576

/** Who waits for the next chunk. */
interface Waiting {
  readonly resolve: (result: IteratorResult<Uint8Array>) => void
  readonly reject: (error: Error) => void
}

/**
 * The bytes that follow an InstallSnapshot, as the handler reads them. What it does not read is thrown away as it
 * arrives, so that the stream stays in step.
 */
export class SnapshotBody implements AsyncIterableIterator<Uint8Array> {
  readonly #size: number
  readonly #onRoom: () => void
  readonly #chunks: Uint8Array[] = []
  #held = 0
  #missing: number
  #waiting: Waiting | undefined
  #error: Error | undefined
  #abandoned = false

  /** `onRoom` is called when a reader has made room in a full body. */
  constructor(size: number, onRoom: () => void) {
    this.#size = size
    this.#missing = size
    this.#onRoom = onRoom
  }

  /** Bytes that have not arrived. */
  get missing(): number {
    return this.#missing
  }

  /** More of it is expected. */
  get isArriving(): boolean {
    return this.#missing > 0 && this.#error === undefined
  }

  /** The reader is behind: the sender should wait. */
  get isFull(): boolean {
    return this.#held >= highWater
  }

  /** Adds bytes that arrived, no more than are missing. */
  push(chunk: Uint8Array): void {
    this.#missing -= chunk.length
    if (this.#abandoned) return
    const waiting = this.#waiting
    if (waiting !== undefined) {
      this.#waiting = undefined
      return waiting.resolve({ done: false, value: chunk })
    }
    this.#held += chunk.length
    this.#chunks.push(chunk)
  }

  /** The rest will not come. */
  fail(cause: Error | undefined): void {
    if (this.#missing === 0 || this.#error !== undefined) return
    const arrived = this.#size - this.#missing
    const reason = cause === undefined ? '' : `: ${cause.message}`
    this.#error = new ConnectionError(
      `short read: ${arrived} of ${this.#size} bytes of the snapshot arrived${reason}`,
      { cause },
    )
    this.#waiting?.reject(this.#error)
    this.#waiting = undefined
  }

  /** Nobody reads on; what comes is thrown away. */
  abandon(): void {
    this.#abandoned = true
    this.#chunks.length = 0
    this.#waiting?.resolve({ done: true, value: undefined })
    this.#waiting = undefined
    this.#makeRoom(this.#held)
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) {
      this.#makeRoom(chunk.length)
      return Promise.resolve({ done: false, value: chunk })
    }
    if (this.#abandoned || this.#missing === 0) return Promise.resolve({ done: true, value: undefined })
    if (this.#error !== undefined) return Promise.reject(this.#error)
    if (this.#waiting !== undefined)
      return Promise.reject(new Error('the snapshot is read by one reader, one chunk at a time'))
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.abandon()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #makeRoom(bytes: number): void {
    const wasFull = this.isFull
    this.#held -= bytes
    if (wasFull && !this.isFull) this.#onRoom()
  }
}
