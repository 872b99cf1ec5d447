import type { Clock } from '../../src/interfaces/clock.ts'
import type { Timestamp } from '../../src/types/log.ts'

interface FakeTimer {
  readonly at: number
  readonly fn: () => void
}

/** A clock that stands still until it is moved. Turns of the event loop go on. */
export class FakeClock implements Clock {
  #now = 1_000
  readonly #timers = new Set<FakeTimer>()

  get timers(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#now
  }

  wallTime(): Timestamp {
    return { seconds: Math.floor(this.#now / 1_000), nanoseconds: 0 }
  }

  setTimer(fn: () => void, delay: number): object {
    const timer = { at: this.#now + delay, fn }
    this.#timers.add(timer)
    return timer
  }

  clearTimer(timer: object | number): void {
    this.#timers.delete(timer as FakeTimer)
  }

  endOfTurn(fn: () => void): void {
    setImmediate(fn)
  }

  /** Lets time pass; what falls due happens at its moment, and has its consequences before the next. */
  async advance(duration: number): Promise<void> {
    const end = this.#now + duration
    for (;;) {
      await turns()
      const due = [...this.#timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0]
      if (due === undefined) break
      this.#timers.delete(due)
      this.#now = Math.max(this.#now, due.at)
      due.fn()
    }
    this.#now = end
    await turns()
  }
}

/** Lets happen whatever can happen without time passing. */
export async function turns(count = 12): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}
