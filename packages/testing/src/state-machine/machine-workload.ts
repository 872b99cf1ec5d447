import type { FSM } from '@raft/core'
import type { Model } from '../linearizability/history.ts'
import type { ClientOperation, ClientTurn, Workload } from '../simulator/workload.ts'
import { SeededRandom } from '../world/random.ts'
import { SimulatedClock } from '../world/simulated-clock.ts'
import { MachineJournal } from './machine-journal.ts'
import { replay } from './machine-replay.ts'
import { ObservedMachine } from './observed-machine.ts'
import { ServerTime } from './server-time.ts'
import { textOf } from './value-text.ts'

/** A state machine to test, and what is done with it. */
export interface MachineOptions<M extends FSM, Input = unknown, Output = unknown, State = unknown> {
  /** Decides what it is given by chance. */
  readonly seed: number
  /**
   * Makes a fresh state machine; each server gets one at each start. It may be asynchronous, but must not wait for the
   * real world: no timer, no file, no socket.
   */
  readonly fsm: () => M
  /**
   * What a client does next. All chance comes from `random`. Several commands may have the same bytes. An error that
   * `answer` or `read` throws fails the run.
   */
  readonly clients: (random: SeededRandom, turn: ClientTurn) => ClientOperation<M, Input, Output>
  /** What one correct copy would answer. Without it, nothing says whether the answers are right. */
  readonly model?: Model<State, Input, Output> | undefined
  /**
   * What two copies are compared by, for example `(fsm) => fsm.entries()`: order counts. Default: the bytes of their
   * snapshots.
   */
  readonly state?: ((fsm: M) => unknown) | undefined
}

/** The clients of a user's state machine, which is watched on every server and tried again at the end. */
export function machineWorkload<M extends FSM, Input, Output, State>(
  options: MachineOptions<M, Input, Output, State>,
): Workload<ObservedMachine<M>, Input, Output, State> {
  const { fsm: make, clients, model, state, seed } = options
  if (typeof make !== 'function') throw new TypeError('fsm is a function that makes a state machine')
  if (typeof clients !== 'function') throw new TypeError('clients is a function that says what a client does next')
  const journal = new MachineJournal()
  let made = 0
  return {
    fsm: (host) => {
      const time = new ServerTime(host.clock, new SeededRandom(seed, `machine ${++made}`))
      return new ObservedMachine({ fsm: time.run(make), state, host, journal, time })
    },
    clients: (random, turn) => {
      const operation = clients(random, turn)
      if (operation.command !== undefined) return operation
      if (typeof operation?.read === 'function') {
        return { input: operation.input, read: (fsm) => fsm.run(() => operation.read(fsm.inner)) }
      }
      throw new TypeError(`clients answers { input, command } or { input, read }, and not ${textOf(operation)}`)
    },
    model,
    judge: async (report) => {
      const time = new ServerTime(new SimulatedClock(), new SeededRandom(seed, 'replay'))
      for await (const { rule, text } of replay({ make: () => time.run(make), state, journal })) {
        return report(rule, text)
      }
    },
  }
}
