import type { Clock, Timer } from '../../../src/interfaces/clock.ts'
import type { Timestamp } from '../../../src/types/log.ts'

interface Pending {
  readonly at: number
  readonly order: number
  readonly fn: () => void
}

/** Time that moves when a test says so. */
export class ManualClock implements Clock {
  #now = 1_000
  #order = 0
  #timers = new Set<Pending>()
  #turn: (() => void)[] = []

  now(): number {
    return this.#now
  }

  wallTime(): Timestamp {
    return { seconds: Math.floor(this.#now / 1_000), nanoseconds: (this.#now % 1_000) * 1_000_000 }
  }

  setTimer(fn: () => void, delay: number): Timer {
    this.#order += 1
    const timer = { at: this.#now + delay, order: this.#order, fn }
    this.#timers.add(timer)
    return timer
  }

  clearTimer(timer: Timer): void {
    this.#timers.delete(timer as Pending)
  }

  endOfTurn(fn: () => void): void {
    this.#turn.push(fn)
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#timers.size
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3;) {
      await macrotask()
      const turn = this.#turn
      this.#turn = []
      for (const fn of turn) fn()
      quiet = turn.length === 0 ? quiet + 1 : 0
    }
  }

  /** Moves on, stopping at every timer on the way. */
  async advance(duration: number): Promise<void> {
    const end = this.#now + duration
    await this.settle()
    for (;;) {
      const next = this.#next(end)
      if (next === undefined) break
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.fn()
      await this.settle()
    }
    this.#now = end
    await this.settle()
  }

  /** Moves on without letting anything happen: the process was paused. */
  skip(duration: number): void {
    this.#now += duration
  }

  /** Moves on in small steps until it holds; throws after `limit` milliseconds. */
  async until(holds: () => boolean, limit = 60_000): Promise<void> {
    const end = this.#now + limit
    await this.settle()
    while (!holds()) {
      if (this.#now >= end) throw new Error(`it did not come about within ${limit} ms`)
      await this.advance(10)
    }
  }

  #next(end: number): Pending | undefined {
    let first: Pending | undefined
    for (const timer of this.#timers) {
      if (timer.at > end) continue
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
        first = timer
    }
    return first
  }
}

/** All promises that can settle have settled. */
function macrotask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
