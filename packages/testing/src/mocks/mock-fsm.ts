import { decode } from '@msgpack/msgpack'
import type { Configuration, ConfigurationStore, FSM, FSMSnapshot, Log, SnapshotSource } from '@raft/core'
import { concatBytes } from '../bytes.ts'
import { MockSnapshot } from './mock-snapshot.ts'

/** A state machine that keeps every command it was given, for tests. Its answer is how many it has. */
export class MockFSM implements FSM<number> {
  #logs: Uint8Array[] = []

  /** The commands, in order. */
  logs(): readonly Uint8Array[] {
    return this.#logs
  }

  apply(log: Log): number {
    this.#logs.push(log.data ?? new Uint8Array(0))
    return this.#logs.length
  }

  snapshot(): FSMSnapshot {
    return new MockSnapshot(this.#logs.slice())
  }

  async restore(source: SnapshotSource): Promise<void> {
    const chunks: Uint8Array[] = []
    for await (const chunk of source) chunks.push(chunk.slice())
    // Go writes the commands as raw strings, which are bytes and not text.
    const logs = decode(concatBytes(chunks), { rawStrings: true })
    if (!Array.isArray(logs) || !logs.every((log) => log instanceof Uint8Array)) {
      throw new TypeError('the snapshot of a MockFSM is a msgpack array of byte strings')
    }
    this.#logs = logs
  }
}

/** A `MockFSM` that is told the configurations, and keeps them. */
export class MockFSMConfigStore extends MockFSM implements ConfigurationStore<number> {
  readonly #configurations: Configuration[] = []

  /** The configurations that were committed, in order. */
  get configurations(): readonly Configuration[] {
    return this.#configurations
  }

  storeConfiguration(_index: number, configuration: Configuration): void {
    this.#configurations.push(configuration)
  }
}
