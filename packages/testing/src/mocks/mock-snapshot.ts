import { encode } from '@msgpack/msgpack'
import type { FSMSnapshot, SnapshotSink } from '@raft/core'

/** What a `MockFSM` held at one time. It is written as a msgpack array of the commands' bytes. */
export class MockSnapshot implements FSMSnapshot {
  readonly #logs: readonly Uint8Array[]

  /** @param logs The commands; the array must not change any more. */
  constructor(logs: readonly Uint8Array[]) {
    this.#logs = logs
  }

  async persist(sink: SnapshotSink): Promise<void> {
    try {
      await sink.write(encode(this.#logs))
      await sink.close()
    } catch (error) {
      await sink.cancel()
      throw error
    }
  }

  release(): void {}
}
