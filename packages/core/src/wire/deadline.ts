import type { Clock, Timer } from '../interfaces/clock.ts'

/**
 * A moment by which something must have happened, which moves often. It sets a timer only when none is running, and
 * looks when that one fires whether the moment has moved on: moving it costs a comparison.
 */
export class Deadline {
  readonly #clock: Clock
  readonly #passed: () => void
  #at = Infinity
  #timer: Timer | undefined
  #firesAt = Infinity

  constructor(clock: Clock, passed: () => void) {
    this.#clock = clock
    this.#passed = passed
  }

  get isSet(): boolean {
    return this.#at !== Infinity
  }

  /** `delay` milliseconds from now; 0 is never. */
  set(delay: number): void {
    if (delay <= 0 || delay === Infinity) return this.clear()
    this.#at = this.#clock.now() + delay
    if (this.#at < this.#firesAt) this.#arm(delay)
  }

  /** Nothing has to happen any more. */
  clear(): void {
    this.#at = Infinity
  }

  /** As `clear`, for good: no timer is left behind. */
  stop(): void {
    this.clear()
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer)
    this.#timer = undefined
    this.#firesAt = Infinity
  }

  #arm(delay: number): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer)
    this.#firesAt = this.#at
    this.#timer = this.#clock.setTimer(() => this.#fire(), delay)
  }

  #fire(): void {
    this.#timer = undefined
    this.#firesAt = Infinity
    if (this.#at === Infinity) return
    const left = this.#at - this.#clock.now()
    if (left > 0) return this.#arm(left)
    this.#at = Infinity
    this.#passed()
  }
}
