import { type Config, defaultConfig, type FSM, inspect, type Inspection, isRaftError, Raft } from '@raft/core'
import type { WatchedServer } from '../checks/watched-server.ts'
import { CheckedMachine } from '../checks/checked-machine.ts'
import type { Ledger } from '../checks/ledger.ts'
import type { Violations } from '../checks/violations.ts'
import type { SeededRandom } from '../world/random.ts'
import type { SimulatedClock } from '../world/simulated-clock.ts'
import type { DiskStores, SimulatedDisk } from '../world/simulated-disk.ts'
import type { SimulatedNetwork } from '../world/simulated-network.ts'
import { SimulatedProcess } from '../world/simulated-process.ts'
import type { Trace } from '../world/trace.ts'
import type { FaultPlan } from './fault-plan.ts'
import type { Workload } from './workload.ts'

/** What all servers of a run share. */
export interface Scene<R> {
  readonly clock: SimulatedClock
  readonly random: SeededRandom
  readonly network: SimulatedNetwork
  readonly trace: Trace
  readonly ledger: Ledger
  readonly violations: Violations
  readonly plan: FaultPlan
  readonly workload: Workload<FSM<R>>
  /** A server on which something has run. */
  touched(server: SimulatedServer<R>): void
  /** Checks a server now. */
  look(server: SimulatedServer<R>): void
}

/** One server: its disk, its address, and the processes that live on it one after the other. */
export class SimulatedServer<R = unknown> implements WatchedServer {
  readonly number: number
  readonly id: string
  readonly address: string
  readonly disk: SimulatedDisk
  life = 0
  isDamaged = false
  /** Faults that may make its node stop itself: until then it must not. */
  excused = false
  /** Not to be started again by anybody but the test: it was taken out of the cluster. */
  retired = false
  process: SimulatedProcess | undefined
  raft: Raft<R> | undefined
  machine: CheckedMachine<R> | undefined
  inspection: Inspection | undefined
  readonly #scene: Scene<R>
  readonly #random: SeededRandom

  constructor(scene: Scene<R>, options: { readonly number: number; readonly disk: SimulatedDisk }) {
    this.#scene = scene
    this.number = options.number
    this.id = `n${options.number}`
    this.address = `a${options.number}`
    this.disk = options.disk
    this.#random = scene.random.fork(this.id)
  }

  /** A process lives, running or paused. */
  get isUp(): boolean {
    return this.process !== undefined && !this.process.isDead
  }

  get isLeading(): boolean {
    return this.raft?.state === 'Leader'
  }

  get config(): Config {
    return { ...defaultConfig(), ...this.#scene.plan.config, localID: this.id }
  }

  /** Starts a process on what the disk holds. */
  start(): void {
    if (this.isUp) return
    const { clock, network, trace, plan } = this.#scene
    this.life += 1
    this.disk.conditions = { ...this.disk.conditions, full: false, failures: 0 }
    this.disk.release()
    const drift = plan.clockDrift
    const rate = 1 + this.#random.between(-drift, drift)
    const process = new SimulatedProcess({ name: `${this.id}.${this.life}`, clock, drift: { rate, ahead: 0 } })
    process.onRun = () => this.#scene.touched(this)
    this.process = process
    trace.note(clock.now(), [100, this.number, this.life], () => `${this.id} starts, life ${this.life}`)
    const transport = network.open({ process, address: this.address, timeout: 2 * this.config.heartbeatTimeout })
    const machine = this.#makeMachine(process)
    const stores: DiskStores = this.disk.open(process)
    const random = this.#random.fork(`life ${this.life}`)
    process.run(() => {
      Raft.start({
        config: this.config,
        fsm: machine,
        ...stores,
        transport,
        clock: process.clock,
        random: random.next,
      }).then(
        (raft) => this.#onStarted(process, raft, machine),
        (error: unknown) => this.#onRefused(process, error),
      )
    })
  }

  /** Kills the process, if one lives, and settles what becomes of its unfinished writes. */
  crash(): void {
    if (!this.isUp) return
    const { clock, trace } = this.#scene
    trace.note(clock.now(), [101, this.number], () => `${this.id} is killed`)
    this.#leave()
    this.process?.kill()
    this.disk.crash()
  }

  /** Looks whether the node has stopped itself, and whether it may. */
  checkAlive(): void {
    if (this.raft === undefined || this.raft.state !== 'Shutdown') return
    const { failure } = this.raft
    const { violations } = this.#scene
    const text = (): string => `the node of ${this.id} stops itself without a reason to: ${describe(failure)}`
    violations.expect(failure === undefined || this.excused, 'D2', text)
    this.crash()
  }

  #makeMachine(process: SimulatedProcess): CheckedMachine<R> {
    const { ledger, violations, plan, workload } = this.#scene
    return new CheckedMachine<R>({
      fsm: workload.fsm({
        server: this.id,
        clock: process.clock,
        report: (rule, text) => violations.report(rule, text),
      }),
      server: this.id,
      ledger,
      violations,
      clock: process.clock,
      look: () => {
        if (!process.isDead) this.#scene.look(this)
      },
      delay: () => (plan.slowMachine === 0 ? 0 : this.#random.exponential(plan.slowMachine)),
    })
  }

  #onStarted(process: SimulatedProcess, raft: Raft<R>, machine: CheckedMachine<R>): void {
    if (process.isDead) return
    this.raft = raft
    this.machine = machine
    this.inspection = inspect(raft)
    this.#scene.touched(this)
  }

  #onRefused(process: SimulatedProcess, error: unknown): void {
    if (process.isDead) return
    const { violations, clock, trace } = this.#scene
    trace.note(clock.now(), [102, this.number], () => `${this.id} does not start: ${describe(error)}`)
    violations.expect(this.excused, 'D2', () => `${this.id} does not start on what its disk holds: ${describe(error)}`)
    this.crash()
  }

  #leave(): void {
    this.raft = undefined
    this.machine = undefined
    this.inspection = undefined
  }
}

/** An error in one line, with what caused it. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = isRaftError(error) ? `${error.code} ` : ''
  const cause = error.cause === undefined ? '' : ` (${describe(error.cause)})`
  return `${code}${error.message}${cause}`
}
