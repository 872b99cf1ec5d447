import type { Awaitable, Clock, FSM } from '@raft/core'
import type { Model } from '../linearizability/history.ts'
import type { SeededRandom } from '../world/random.ts'

/** What the answers of a state machine are. */
export type ResponseOf<M extends FSM> = M extends FSM<infer R> ? R : never

/** Who asks for an operation. */
export interface ClientTurn {
  /** The client, from 1. One that got no answer goes on as a new one: what it asked for may happen yet. */
  readonly number: number
  /** How many operations it has asked for, this one included. */
  readonly operation: number
}

/** Something that a client does: a command for the log, or a read. */
export type ClientOperation<M extends FSM = FSM, Input = unknown, Output = unknown> =
  | {
      /** What it is, for the model and for messages. */
      readonly input: Input
      /** The command, which goes through `raft.apply`. */
      readonly command: Uint8Array
      /** What the client makes of the response. Default: the response itself. */
      answer?(response: ResponseOf<M>): Output
    }
  | {
      /** What it is, for the model and for messages. */
      readonly input: Input
      readonly command?: undefined
      /** Looks into the state machine of the server that leads, through `raft.read`. */
      read(fsm: M): Awaitable<Output>
    }

/** Where a state machine lives, and who is told what it does wrong. */
export interface MachineHost {
  readonly server: string
  /** The clock of its process. */
  readonly clock: Clock
  /** Notes that a rule does not hold. */
  report(rule: string, text: string): void
}

/** What clients do with a state machine, and what it should answer. */
export interface Workload<M extends FSM = FSM, Input = unknown, Output = unknown, State = unknown> {
  /** A fresh state machine, as every server and every start gets one. */
  fsm(host: MachineHost): M
  /** What a client does next, by chance. */
  clients(random: SeededRandom, turn: ClientTurn): ClientOperation<M, Input, Output>
  /** What a single correct copy would answer. Without it answers are not checked for their order. */
  readonly model?: Model<State, Input, Output> | undefined
  /** The state of a key of the model in a state machine: with it, the cluster may also be given older states. */
  stateOf?(fsm: M, key: string): State
  /** Checks what can only be known at the end; called if nothing was found wrong so far. */
  judge?(report: (rule: string, text: string) => void): Promise<void>
}
