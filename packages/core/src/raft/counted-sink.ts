import type { Awaitable } from '../interfaces/awaitable.ts'
import type { SnapshotSink } from '../interfaces/snapshot-store.ts'
import { SnapshotError } from '../types/errors.ts'

/**
 * A store's sink that counts, and that never lets a cancelled snapshot pass for a complete one, whatever the store makes
 * of it (Q6).
 */
export class CountedSink implements SnapshotSink {
  readonly #sink: SnapshotSink
  #bytes = 0
  #cancelled = false

  constructor(sink: SnapshotSink) {
    this.#sink = sink
  }

  get id(): string {
    return this.#sink.id
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes
  }

  write(chunk: Uint8Array): Awaitable<void> {
    this.#bytes += chunk.length
    return this.#sink.write(chunk)
  }

  close(): Awaitable<void> {
    if (this.#cancelled) throw new SnapshotError(`snapshot ${this.id} is cancelled`)
    return this.#sink.close()
  }

  cancel(): Awaitable<void> {
    this.#cancelled = true
    return this.#sink.cancel()
  }
}
