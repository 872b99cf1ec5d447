import type { FSM } from '@raft/core'
import type { Model } from '../linearizability/history.ts'
import type { SeededRandom } from '../world/random.ts'

/** What clients do with a state machine, and what it should answer. */
export interface Workload<R = unknown, Input = unknown, Output = unknown, State = unknown> {
  /** A fresh state machine, as every server and every start gets one. */
  fsm(): FSM<R>
  /** What a client does next. Make every command unique: what it writes is then recognised. */
  next(random: SeededRandom, client: { readonly number: number; readonly operation: number }): Input
  /** The command that does it; undefined for a read, which goes through `raft.read`. */
  command(input: Input): Uint8Array | undefined
  /** The answer to a command, from what the FSM answered. */
  answer(input: Input, response: R): Output
  /** The answer to a read, from the state machine of the server that leads. */
  read(input: Input, fsm: FSM<R>): Output
  /** What a single correct copy would answer. Without it answers are not checked for their order. */
  readonly model?: Model<State, Input, Output> | undefined
}
