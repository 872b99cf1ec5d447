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

/**
 * Gives the state machine one event at a time and carries out the effects in their order. An event that comes while one
 * is handled waits its turn, so that nothing is ever entered twice.
 */
export class Loop {
  readonly #options: LoopOptions
  readonly #events = new RingQueue<Event>()
  #running = false
  #stopped = false
  #holds = 0

  constructor(options: LoopOptions) {
    this.#options = options
  }

  /** Hands an event over. Handled before this returns, unless it comes from within the loop. */
  post(event: Event): void {
    if (this.#stopped) return
    this.#events.push(event)
    if (!this.#running && this.#holds === 0) this.#drain()
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
  }

  #drain(): void {
    const { machine, clock, saturation, perform, settled, failed } = this.#options
    this.#running = true
    saturation?.begin()
    try {
      while (this.#holds === 0) {
        const event = this.#events.shift()
        if (event === undefined) break
        for (const effect of machine.step(clock.now(), event)) {
          if (this.#stopped) return
          perform(effect)
        }
      }
      settled()
    } catch (error) {
      failed(error)
    } finally {
      this.#running = false
      saturation?.end()
    }
  }
}
