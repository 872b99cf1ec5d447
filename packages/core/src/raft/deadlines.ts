import type { Clock, Timer } from '../interfaces/clock.ts'

interface Deadline {
  readonly at: number
  readonly expired: () => void
}

/** Many deadlines behind one timer. */
export class Deadlines {
  readonly #clock: Clock
  readonly #pending = new Set<Deadline>()
  #timer: Timer | undefined
  #armedFor = Infinity

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `expired` so many milliseconds from now. The returned function ends that. */
  add(delay: number, expired: () => void): () => void {
    const deadline = { at: this.#clock.now() + delay, expired }
    this.#pending.add(deadline)
    if (deadline.at < this.#armedFor) this.#arm(deadline.at)
    return () => this.#pending.delete(deadline)
  }

  /** Forgets all of them. */
  stop(): void {
    this.#pending.clear()
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer)
    this.#timer = undefined
    this.#armedFor = Infinity
  }

  #arm(at: number): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer)
    this.#armedFor = at
    this.#timer = this.#clock.setTimer(() => this.#fire(), Math.max(0, at - this.#clock.now()))
  }

  #fire(): void {
    this.#timer = undefined
    this.#armedFor = Infinity
    const now = this.#clock.now()
    let next = Infinity
    const expired: Deadline[] = []
    for (const deadline of this.#pending) {
      if (deadline.at <= now) expired.push(deadline)
      else if (deadline.at < next) next = deadline.at
    }
    for (const deadline of expired) this.#pending.delete(deadline)
    if (next < Infinity) this.#arm(next)
    for (const deadline of expired) deadline.expired()
  }
}
