import type { Effect } from '../consensus/effects.ts'
import type { Event } from '../consensus/events.ts'
import type { Clock } from '../interfaces/clock.ts'
import { RingQueue } from './ring-queue.ts'
import type { Saturation } from './saturation.ts'

/** The state machine as the loop sees it. */
export interface Machine {
  readonly deadline: number
  step(now: number, event: Event): readonly Effect[]
}

/** What the loop is made of. */
export interface LoopOptions {
  readonly machine: Machine
  readonly clock: Clock
  readonly saturation?: Saturation
  /** Begins one effect, waiting for nothing. */
  readonly perform: (effect: Effect) => void
  /** All effects of all events so far have begun. */
  readonly settled: () => void
  /** Something threw that must not. */
  readonly failed: (error: unknown) => void
}

const resolved = Promise.resolve()

/**
 * Gives the state machine one event at a time and carries out the effects in their order. An event that comes while one
 * is handled waits its turn, so that nothing is ever entered twice. What is put off until `later` comes when no event is
 * left, and `afterwards` when none of that is left either and what was said has been written: so requests leave before
 * the disk is busy, and answers before the FSM is.
 */
export class Loop {
  readonly #options: LoopOptions
  readonly #events = new RingQueue<Event>()
  readonly #tasks = new RingQueue<() => void>()
  readonly #last = new RingQueue<() => void>()
  readonly #runLast = (): void => {
    this.#awaitsLast = false
    for (let task = this.#last.shift(); task !== undefined; task = this.#last.shift()) this.#tasks.push(task)
    this.#drain()
  }
  #awaitsLast = false
  #running = false
  #stopped = false
  #holds = 0

  constructor(options: LoopOptions) {
    this.#options = options
  }

  /** Hands an event over. Handled before this returns, unless it comes from within the loop. */
  post(event: Event): void {
    if (this.#stopped) return
    const mayRun = !this.#running && this.#holds === 0
    // Whoever comes alone, as nearly all do, need not queue.
    if (mayRun && this.#events.length === 0) return this.#drain(event)
    this.#events.push(event)
    if (mayRun) this.#drain()
  }

  /** Calls back once what runs now has returned and no event is left, though not necessarily in this turn. */
  later(task: () => void): void {
    if (this.#stopped) return
    this.#tasks.push(task)
    if (!this.#running) void resolved.then(() => this.#drain())
  }

  /** Calls back once what runs now and what comes of it is done, and connections have had the time to write. */
  afterwards(task: () => void): void {
    if (this.#stopped) return
    this.#last.push(task)
    if (!this.#running) this.#awaitLast()
  }

  /** Lets events wait until the returned function is called: somebody who must miss nothing is behind. */
  hold(): () => void {
    this.#holds += 1
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#holds -= 1
      if (!this.#running && this.#holds === 0) this.#drain()
    }
  }

  /** Drops what waits and whatever comes. */
  stop(): void {
    this.#stopped = true
    while (this.#events.shift() !== undefined);
    while (this.#tasks.shift() !== undefined);
    while (this.#last.shift() !== undefined);
  }

  #drain(first?: Event): void {
    if (this.#running) return
    this.#running = true
    try {
      for (let event = first; ; event = undefined) {
        this.#handleEvents(event)
        const task = this.#tasks.shift()
        if (task === undefined) break
        task()
      }
    } catch (error) {
      this.#options.failed(error)
    } finally {
      this.#running = false
      if (this.#last.length > 0) this.#awaitLast()
    }
  }

  /** What a connection writes once what runs now has returned is written by then: it was put off earlier. */
  #awaitLast(): void {
    if (this.#awaitsLast) return
    this.#awaitsLast = true
    void resolved.then(this.#runLast)
  }

  /** Handles the first, if there is one, and what comes of it. */
  #handleEvents(first: Event | undefined): void {
    const { machine, clock, saturation, perform, settled } = this.#options
    let event = first ?? this.#next()
    if (event === undefined) return
    saturation?.begin()
    // What follows at once happens at the same time.
    const now = clock.now()
    for (; event !== undefined; event = this.#next()) {
      for (const effect of machine.step(now, event)) {
        if (this.#stopped) return
        perform(effect)
      }
    }
    settled()
    saturation?.end()
  }

  #next(): Event | undefined {
    return this.#holds > 0 ? undefined : this.#events.shift()
  }
}
