import { type FSM, type FSMSnapshot, type Log, type SnapshotSource } from '@raft/core'
import { CommandError, decodeCommand } from './command.ts'
import { KeyValueState, type KeyValueResult, type KeyValueView } from './key-value-state.ts'
import { decodeSnapshot, encodeSnapshot } from './snapshot-format.ts'

/** Where the state came from when it last came from a snapshot, since this process was started. */
export interface Restored {
  readonly times: number
  readonly entries: number
  readonly applied: number
}

/** The replicated key-value store. A command that makes no sense is answered with an error and changes nothing. */
export class KeyValueMachine implements FSM<KeyValueResult | CommandError> {
  #state = new KeyValueState()
  #restored: Restored = { times: 0, entries: 0, applied: 0 }

  /** The state now. Read it in one go, or copy it: it goes on. */
  get state(): KeyValueView {
    return this.#state
  }

  get restored(): Restored {
    return this.#restored
  }

  apply(log: Log): KeyValueResult | CommandError {
    this.#state.record(log.index, log.data ?? new Uint8Array(0))
    try {
      return this.#state.apply(log.index, decodeCommand(log.data))
    } catch (error) {
      if (error instanceof CommandError) return error
      throw error
    }
  }

  /** Copies the maps and not the values, so it is quick: nothing is applied until it returns. */
  snapshot(): FSMSnapshot {
    const view = new KeyValueState(this.#state)
    return {
      async persist(sink, { signal }) {
        for (const chunk of encodeSnapshot(view)) {
          signal.throwIfAborted()
          await sink.write(chunk)
        }
      },
      release() {},
    }
  }

  /** Replaces the state once the whole snapshot has been read, and not before. */
  async restore(source: SnapshotSource): Promise<void> {
    this.#state = await decodeSnapshot(source)
    this.#restored = {
      times: this.#restored.times + 1,
      entries: this.#state.entries.size,
      applied: this.#state.applied,
    }
  }
}
