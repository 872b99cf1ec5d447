import type { FSM, FSMSnapshot, Log, SnapshotSink, SnapshotSource } from '@raft/core'
import { LastCommands } from '../measure/machine.ts'

/** The state machine as a user would write it. */
export class Machine implements FSM<number> {
  readonly #state = new LastCommands()

  apply(log: Log): number {
    return this.#state.apply(log.data!)
  }

  snapshot(): FSMSnapshot {
    const state = this.#state.state()
    return {
      async persist(sink: SnapshotSink): Promise<void> {
        for (const frame of state) await sink.write(frame)
      },
      release: () => undefined,
    }
  }

  restore(source: SnapshotSource): Promise<void> {
    return this.#state.restore(source)
  }
}
