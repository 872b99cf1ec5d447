import type { FSM, FSMSnapshot, Log } from '@raft/core'
import { LastCommands } from '../measure/machine.ts'

/** The state machine as a user would write it. It takes no snapshot while the time is measured, and is never restored. */
export class Machine implements FSM<number> {
  readonly #state = new LastCommands()

  apply(log: Log): number {
    return this.#state.apply(log.data!)
  }

  snapshot(): FSMSnapshot {
    return { persist: (sink) => sink.write(new Uint8Array(1)), release: () => undefined }
  }

  restore(): void {}
}
