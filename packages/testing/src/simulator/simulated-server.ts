import { type Config, defaultConfig, type FSM, inspect, type Inspection, isRaftError, Raft } from '@raft/core'
import type { WatchedServer } from '../checks/watched-server.ts'
import type { Checks } from '../checks/checks.ts'
import { CheckedMachine } from '../checks/checked-machine.ts'
import type { SeededRandom } from '../world/random.ts'
import type { SimulatedClock } from '../world/simulated-clock.ts'
import type { DiskStores, SimulatedDisk } from '../world/simulated-disk.ts'
import type { SimulatedNetwork } from '../world/simulated-network.ts'
import { SimulatedProcess } from '../world/simulated-process.ts'
import type { Trace } from '../world/trace.ts'
import { afterPromises, type CrashPoint } from './crash-points.ts'
import type { FaultPlan } from './fault-plan.ts'
import { ServerCalls } from './server-calls.ts'
import type { Workload } from './workload.ts'

/** What all servers of a run share. */
export interface Scene<R> {
  readonly clock: SimulatedClock
  readonly random: SeededRandom
  readonly network: SimulatedNetwork
  readonly trace: Trace
  readonly checks: Checks
  readonly plan: FaultPlan
  readonly workload: Workload<FSM<R>>
  /** A server on which something has run. */
  touched(server: SimulatedServer<R>): void
  /** A server that was not there before, with an empty disk. */
  addServer(address: string): SimulatedServer<R>
}

/** Milliseconds within which a node that has read a damaged record must have stopped. */
const REFUSAL = 1_000

/** Milliseconds after which a node that was shut down without a failure is started again. */
const RESTART = 500

/** One server: its disk, its address, and the processes that live on it one after the other. */
export class SimulatedServer<R = unknown> implements WatchedServer {
  readonly number: number
  readonly id: string
  /** Changes when it moves. */
  address: string
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
  /** What can be asked of the node that runs. */
  calls: ServerCalls<R> | undefined
  inspection: Inspection | undefined
  readonly #scene: Scene<R>
  readonly #random: SeededRandom
  #isClosing = false
  #isKeptUp = false
  /** Where the process is going to be killed, if it is. */
  #fuse: { readonly at: CrashPoint; readonly promises: number; readonly crashed: () => void } | undefined

  constructor(
    scene: Scene<R>,
    options: { readonly number: number; readonly address: string; readonly disk: SimulatedDisk },
  ) {
    this.#scene = scene
    this.number = options.number
    this.id = `n${options.number}`
    this.address = options.address
    this.disk = options.disk
    this.disk.onStep = (step) => this.#reach(step)
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
    if (this.isUp || this.retired) return
    const { clock, network, trace, plan } = this.#scene
    this.life += 1
    this.disk.conditions = { ...this.disk.conditions, full: false, failures: 0 }
    this.disk.release()
    const drift = plan.clockDrift
    const rate = 1 + this.#random.between(-drift, drift)
    const process = new SimulatedProcess({ name: `${this.id}.${this.life}`, clock, drift: { rate, ahead: 0 } })
    process.onRun = () => {
      this.#scene.touched(this)
      this.#reach('promise')
    }
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

  /** Starts a process, and another one each time that the node has stopped itself. */
  keepUp(): void {
    this.#isKeptUp = true
    this.start()
  }

  /** Kills the process, if one lives, and settles what becomes of its unfinished writes. */
  crash(): void {
    if (!this.isUp) return
    const { checks, clock, trace } = this.#scene
    trace.note(clock.now(), [101, this.number], () => `${this.id} is killed`)
    // What it has said in its last moment was so.
    checks.look(this)
    this.#leave()
    this.process?.kill()
    this.disk.crash()
  }

  /** Kills the process when it next reaches a point, and so many promises later; at `undefined`, it lives on. */
  crashAt(point: CrashPoint | undefined, promises = 0, crashed: () => void = () => {}): void {
    this.#fuse = point === undefined ? undefined : { at: point, promises, crashed }
  }

  #reach(point: CrashPoint): void {
    const fuse = this.#fuse
    const { process } = this
    if (fuse?.at !== point || process?.isRunning !== true) return
    this.#fuse = undefined
    afterPromises(point === 'promise' ? fuse.promises : 0, () => {
      if (process.isDead) return
      this.crash()
      fuse.crashed()
    })
  }

  /** Its node has read a record that is damaged: it must stop (D4). */
  refused(record: string): void {
    const { process, life } = this
    process?.clock.setTimer(() => {
      const text = `${this.id} has read ${record}, which is damaged, and goes on`
      if (this.life === life && this.raft !== undefined) this.#scene.checks.violations.report('D4', text)
    }, REFUSAL)
  }

  /** Shuts the node down in an orderly way; then the process ends. */
  stop(): void {
    const { clock, trace } = this.#scene
    const { process } = this
    if (this.raft === undefined || process?.isRunning !== true) return
    trace.note(clock.now(), [106, this.number], () => `${this.id} is asked to shut down`)
    process.run(() => this.#close())
  }

  /** Looks whether the node has stopped itself, and whether it may. */
  checkAlive(): void {
    if (this.raft === undefined || this.raft.state !== 'Shutdown' || this.#isClosing) return
    const { failure } = this.raft
    const { checks, clock, trace } = this.#scene
    const { violations } = checks
    trace.note(clock.now(), [107, this.number], () => `the node of ${this.id} stops: ${describe(failure)}`)
    const text = (): string => `the node of ${this.id} stops itself without a reason to: ${describe(failure)}`
    violations.expect(failure === undefined || this.excused || this.disk.isDamaged, 'D2', text)
    this.#close()
  }

  /** Whatever was asked of the node must have ended by the time that its shutdown has. */
  #close(): void {
    const { process, raft, calls } = this
    if (raft === undefined || process === undefined) return
    this.#isClosing = true
    const closed = (): void => {
      if (process.isDead) return
      calls?.open.checkEnded()
      this.crash()
      // Somebody sees to it that a server which was taken out comes up again, for when it is taken in.
      if (raft.failure === undefined || this.#isKeptUp) this.#scene.clock.setTimer(() => this.start(), RESTART)
    }
    // One more turn, so that whoever waits for a call has heard of its end.
    raft.shutdown().then(
      () => process.clock.setTimer(closed, 0),
      (error: unknown) =>
        this.#scene.checks.violations.report('L7', `${this.id} does not shut down: ${describe(error)}`),
    )
  }

  #makeMachine(process: SimulatedProcess): CheckedMachine<R> {
    const { checks, plan, workload } = this.#scene
    const { slowMachine, slowSnapshot } = plan
    const { ledger, violations, snapshots, handedOut } = checks
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
      isDead: () => process.isDead,
      snapshots,
      handedOut,
      look: () => {
        if (!process.isDead) checks.look(this)
      },
      delay: () => (slowMachine === 0 ? 0 : this.#random.exponential(slowMachine)),
      persistDelay: () => (slowSnapshot === 0 ? 0 : this.#random.exponential(slowSnapshot)),
    })
  }

  #onStarted(process: SimulatedProcess, raft: Raft<R>, machine: CheckedMachine<R>): void {
    if (process.isDead) return
    const { damage } = this.disk
    const text = (): string => `${this.id} starts although ${damage} on its disk is damaged`
    this.#scene.checks.violations.expect(damage === undefined, 'D4', text)
    this.raft = raft
    this.machine = machine
    this.calls = new ServerCalls(this.#scene, this, { process, raft, machine })
    this.inspection = inspect(raft)
    this.#scene.touched(this)
  }

  #onRefused(process: SimulatedProcess, error: unknown): void {
    if (process.isDead) return
    const { checks, clock, trace } = this.#scene
    const { violations } = checks
    trace.note(clock.now(), [102, this.number], () => `${this.id} does not start: ${describe(error)}`)
    const { disk } = this
    const text = (): string => `${this.id} does not start on what its disk holds: ${describe(error)}`
    violations.expect(this.excused || disk.isDamaged, 'D2', text)
    const named = disk.damage === undefined || describe(error).includes(disk.damage)
    violations.expect(
      named || this.excused,
      'D4',
      () => `${this.id} does not say that ${disk.damage}: ${describe(error)}`,
    )
    this.crash()
  }

  #leave(): void {
    this.raft = undefined
    this.machine = undefined
    this.calls = undefined
    this.#isClosing = false
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
