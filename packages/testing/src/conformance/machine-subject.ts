import { equal, fail } from 'node:assert/strict'
import { type Awaitable, type FSM, type Log, LogType } from '@raft/core'
import { type Complaint, MachineJournal, type Witness } from '../state-machine/machine-journal.ts'
import { ServerTime } from '../state-machine/server-time.ts'
import { sourceOf } from '../state-machine/snapshot-bytes.ts'
import { imageOf } from '../state-machine/state-image.ts'
import { SeededRandom } from '../world/random.ts'
import { SimulatedClock } from '../world/simulated-clock.ts'

/** What is done with a state machine under test. */
export interface StateMachineSuiteOptions<M extends FSM = FSM> {
  /** The command at a place, from 0; all chance comes from `random`. */
  command(random: SeededRandom, at: number): Uint8Array
  /** A command that the state machine refuses with an `Error`. Without it, that case is skipped. */
  refused?(): Uint8Array
  /** What two copies are compared by; order counts. Default: the bytes of their snapshots. */
  state?(fsm: M): unknown
  /** How many commands a case applies. Default 200. */
  readonly commands?: number | undefined
  /** Decides the commands. Default 1. */
  readonly seed?: number | undefined
  /** Called for each copy once a case is over. */
  dispose?(fsm: M): Awaitable<void>
}

/** One copy of the state machine. */
export interface Copy {
  readonly fsm: FSM
  readonly time: ServerTime
  witness: Witness
}

const SECONDS = 1_000

/** A state machine under test: copies of it, and commands for them. */
export class StateMachineSubject {
  /** The commands, as entries 1 and on. */
  readonly logs: readonly Log[]
  readonly options: StateMachineSuiteOptions
  /** @internal What all copies were told and answered. */
  readonly journal = new MachineJournal()
  readonly #make: () => Awaitable<FSM>
  readonly #copies: Copy[] = []

  constructor(make: () => Awaitable<FSM>, options: StateMachineSuiteOptions) {
    this.#make = make
    this.options = options
    const random = new SeededRandom(options.seed ?? 1, 'commands')
    this.logs = Array.from({ length: options.commands ?? 200 }, (_, at) => ({
      index: at + 1,
      term: 1,
      type: LogType.Command,
      data: Uint8Array.from(options.command(random, at)),
    }))
    for (const log of this.logs) this.journal.noteEntry(log.index, { log })
  }

  /** Half of the commands. */
  get half(): number {
    return this.logs.length >>> 1
  }

  /** @internal A fresh copy, with a clock and a chance of its own. */
  async copy(name: string): Promise<Copy> {
    const clock = new SimulatedClock()
    await clock.advance(this.#copies.length * 3_600 * SECONDS)
    const time = new ServerTime(clock, new SeededRandom(this.#copies.length, name))
    const fsm = await time.run(this.#make)
    const made = { fsm, time, witness: { name, restored: false, restoredAt: undefined } }
    this.#copies.push(made)
    return made
  }

  /** @internal Applies the commands from one index through another, one at a time, and compares each answer with other copies'. */
  async apply({ fsm, time, witness }: Copy, from: number, through: number): Promise<void> {
    for (const log of this.logs.slice(from - 1, through)) {
      const answers = await time.run(() => this.give(fsm, [log]))
      equal(answers.length, 1, `applyBatch of one entry gave ${answers.length} answers`)
      this.check(this.journal.answer(log.index, answers[0], witness))
    }
  }

  /** Gives entries to a state machine as a node does. */
  async give(fsm: FSM, logs: readonly Log[]): Promise<readonly unknown[]> {
    if (fsm.applyBatch !== undefined) return await fsm.applyBatch(logs)
    const answers: unknown[] = []
    for (const log of logs) answers.push(await fsm.apply(log))
    return answers
  }

  /** @internal Compares the state of a copy that has applied everything up to the index with that of others at the same index. */
  async compare({ fsm, time, witness }: Copy, index: number): Promise<void> {
    const { state } = this.options
    const image = await time.run(() => imageOf(fsm, state === undefined ? undefined : (it) => state(it)))
    this.check(this.journal.image(index, image, witness))
  }

  /** @internal Restores a copy from the bytes of a snapshot of an index, in chunks of these sizes. */
  async restore(copy: Copy, index: number, bytes: Uint8Array, sizes?: readonly number[]): Promise<void> {
    await copy.time.run(() => copy.fsm.restore(sourceOf(bytes, sizes)))
    copy.witness = { ...copy.witness, restored: true, restoredAt: index }
  }

  /** @internal Fails with what is wrong, if something is. */
  check(complaint: Complaint | undefined): void {
    if (complaint !== undefined) fail(`${complaint.rule}: ${complaint.text}`)
  }

  /** Disposes of all copies. */
  async dispose(): Promise<void> {
    for (const { fsm } of this.#copies) await this.options.dispose?.(fsm)
  }
}
