import type { SnapshotSink } from '@raft/core'
import { concatBytes } from '../bytes.ts'

/** A sink around another one that sees how `persist` uses it. */
export class WatchedSink implements SnapshotSink {
  readonly id: string
  readonly #sink: SnapshotSink
  readonly #chunks: Uint8Array[] = []
  #open = 0
  #failed = false
  #cancelled = false

  constructor(sink: SnapshotSink) {
    this.id = sink.id
    this.#sink = sink
  }

  /** All that was written. */
  get bytes(): Uint8Array {
    return concatBytes(this.#chunks)
  }

  /** Everything was written, and it was not given up. */
  get isWhole(): boolean {
    return this.#open === 0 && !this.#failed && !this.#cancelled
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#chunks.push(chunk.slice())
    await this.#watch(() => this.#sink.write(chunk))
  }

  close(): Promise<void> {
    return this.#watch(() => this.#sink.close())
  }

  async cancel(): Promise<void> {
    this.#cancelled = true
    await this.#sink.cancel()
  }

  /** What is wrong, now that `persist` has resolved. */
  *complaints(): Generator<string> {
    if (this.#open > 0) yield 'persist resolved before what it wrote was written: await each write'
    if (this.#failed && !this.#cancelled) {
      yield 'persist resolved although a write had failed, so that a snapshot with a hole would be kept: let it reject'
    }
  }

  async #watch(act: () => PromiseLike<void> | void): Promise<void> {
    this.#open += 1
    try {
      await act()
    } catch (error) {
      this.#failed = true
      throw error
    } finally {
      this.#open -= 1
    }
  }
}
