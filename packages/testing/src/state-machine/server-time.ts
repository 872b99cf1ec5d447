import type { Clock } from '@raft/core'
import type { SeededRandom } from '../world/random.ts'

/**
 * The time and the chance that code finds on one server. A state machine that reads the clock or draws a random number
 * is wrong; in a simulation, all servers are in one process that takes no time, so that two of them could read the same
 * millisecond, and a seed would not repeat what they read. Here each reads its own, and the same in every run.
 */
export class ServerTime {
  readonly #clock: Clock
  readonly #random: SeededRandom
  readonly #date: DateConstructor

  constructor(clock: Clock, random: SeededRandom) {
    this.#clock = clock
    this.#random = random
    this.#date = dateOn(clock)
  }

  /** Calls the function. What it does after its first `await` finds the time and the chance of the real world. */
  run<T>(fn: () => T): T {
    const { Date: date } = globalThis
    const { random } = Math
    globalThis.Date = this.#date
    Math.random = this.#random.next
    performance.now = () => this.#clock.now()
    try {
      return fn()
    } finally {
      globalThis.Date = date
      Math.random = random
      // It is a method of the prototype.
      delete (performance as { now?: unknown }).now
    }
  }
}

function dateOn(clock: Clock): DateConstructor {
  const now = (): number => {
    const { seconds, nanoseconds } = clock.wallTime()
    return seconds * 1_000 + Math.floor(nanoseconds / 1_000_000)
  }
  return new Proxy(Date, {
    construct: (target, given: [], newTarget) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget) as Date,
    apply: (target) => new target(now()).toString(),
    get: (target, key): unknown => (key === 'now' ? now : Reflect.get(target, key)),
  })
}
