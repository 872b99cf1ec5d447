import type { SnapshotSource } from '../interfaces/fsm.ts'
import type { SnapshotReader } from '../interfaces/snapshot-store.ts'

/** What `FSM.restore` reads: a snapshot, counted. */
export class CountedSource implements SnapshotSource {
  readonly #reader: SnapshotReader
  #bytesRead = 0

  constructor(reader: SnapshotReader) {
    this.#reader = reader
  }

  get bytesRead(): number {
    return this.#bytesRead
  }

  get size(): number {
    return this.#reader.meta.size
  }

  unwrap(): AsyncIterable<Uint8Array> {
    return this.#reader
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#reader) {
      this.#bytesRead += chunk.length
      yield chunk
    }
  }
}
