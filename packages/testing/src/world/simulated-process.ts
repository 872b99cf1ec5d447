import type { Clock, Timer } from '@raft/core'
import type { SimulatedClock } from './simulated-clock.ts'

/** How a process's own clock differs from the world's. */
export interface ClockDrift {
  /** Its seconds per second of the world; 1 is right. */
  readonly rate: number
  /** Milliseconds by which its time of day is ahead. */
  readonly ahead: number
}

/** A timer of a process's clock. */
interface ProcessTimer {
  fn: (() => void) | undefined
  planned: Timer | undefined
}

/**
 * One life of a program: everything that enters it goes through `run`, so that it can be paused as by SIGSTOP, and
 * killed as by SIGKILL. What is left of a killed one may still hold promises, but nothing ever settles them.
 */
export class SimulatedProcess {
  readonly name: string
  readonly clock: Clock
  /** Called after something ran in it. */
  onRun: (() => void) | undefined
  readonly #world: SimulatedClock
  readonly #born: number
  /** Its seconds per second of the world. */
  readonly #rate: number
  /** Milliseconds by which its time of day is ahead. */
  #ahead: number
  /** Its clock shows at least this: a timer that is due must not find that it is not, by the rounding of a rate. */
  #reached = 0
  #state: 'running' | 'paused' | 'dead' = 'running'
  #backlog: (() => void)[] = []
  readonly #whenKilled = new Set<() => void>()

  constructor(options: {
    readonly name: string
    readonly clock: SimulatedClock
    readonly drift?: ClockDrift | undefined
  }) {
    this.name = options.name
    this.#world = options.clock
    this.#born = options.clock.now()
    this.#rate = options.drift?.rate ?? 1
    this.#ahead = options.drift?.ahead ?? 0
    this.clock = this.#makeClock()
  }

  get isRunning(): boolean {
    return this.#state === 'running'
  }

  get isPaused(): boolean {
    return this.#state === 'paused'
  }

  get isDead(): boolean {
    return this.#state === 'dead'
  }

  /** Runs something in the process: now, when it is resumed, or never if it was killed. */
  run(fn: () => void): void {
    if (this.#state === 'running') {
      fn()
      this.onRun?.()
    } else if (this.#state === 'paused') this.#backlog.push(fn)
  }

  /** Lets it do nothing until it is resumed; what comes in waits. */
  pause(): void {
    if (this.#state === 'running') this.#state = 'paused'
  }

  /** Lets it go on with what has come in, one after the other. */
  resume(): void {
    if (this.#state !== 'paused') return
    this.#state = 'running'
    for (const fn of this.#backlog.splice(0)) this.#world.setTimer(() => this.run(fn), 0)
  }

  /** Ends it at once. */
  kill(): void {
    if (this.#state === 'dead') return
    this.#state = 'dead'
    this.#backlog = []
    for (const fn of this.#whenKilled) fn()
    this.#whenKilled.clear()
  }

  /** Calls back when it is killed, unless the returned function is called before. */
  whenKilled(fn: () => void): () => void {
    this.#whenKilled.add(fn)
    return () => this.#whenKilled.delete(fn)
  }

  /** Sets its time of day forward or back. */
  jump(milliseconds: number): void {
    this.#ahead += milliseconds
  }

  #makeClock(): Clock {
    const world = this.#world
    const now = (): number => Math.max((world.now() - this.#born) * this.#rate, this.#reached)
    return {
      now,
      wallTime: () => {
        const { seconds, nanoseconds } = world.wallTime()
        const milliseconds = seconds * 1_000 + Math.floor(nanoseconds / 1_000_000 + this.#ahead)
        return { seconds: Math.floor(milliseconds / 1_000), nanoseconds: (milliseconds % 1_000) * 1_000_000 }
      },
      setTimer: (fn, delay): Timer => {
        const timer: ProcessTimer = { fn, planned: undefined }
        const due = now() + delay
        const fire = (): void => {
          this.#reached = Math.max(this.#reached, due)
          const call = timer.fn
          timer.fn = undefined
          call?.()
        }
        timer.planned = world.setTimer(() => this.run(fire), delay / this.#rate)
        return timer
      },
      clearTimer: (timer) => {
        const own = timer as ProcessTimer
        own.fn = undefined
        if (own.planned !== undefined) world.clearTimer(own.planned)
      },
      endOfTurn: (fn) => world.endOfTurn(() => this.run(fn)),
    }
  }
}
