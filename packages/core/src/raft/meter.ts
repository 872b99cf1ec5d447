import type { Clock } from '../interfaces/clock.ts'
import type { MetricsHook } from '../interfaces/observability.ts'

type Labels = Readonly<Record<string, string>>

/** Hands measurements to the user's hook, if there is one. */
export class Meter {
  readonly #hook: MetricsHook | undefined
  readonly #clock: Clock

  constructor(hook: MetricsHook | undefined, clock: Clock) {
    this.#hook = hook
    this.#clock = clock
  }

  /** Whether anybody looks at the measurements; what is costly to measure asks first. */
  get active(): boolean {
    return this.#hook !== undefined
  }

  /** The time to measure a duration from; 0 if nobody looks. */
  begin(): number {
    return this.#hook === undefined ? 0 : this.#clock.now()
  }

  counter(name: string, value = 1, labels?: Labels): void {
    this.#hook?.({ kind: 'counter', name, value, labels })
  }

  gauge(name: string, value: number): void {
    this.#hook?.({ kind: 'gauge', name, value })
  }

  sample(name: string, value: number): void {
    this.#hook?.({ kind: 'sample', name, value })
  }

  /** Reports the milliseconds since `begin`. */
  timer(name: string, begun: number, labels?: Labels): void {
    this.#hook?.({ kind: 'timer', name, value: this.#clock.now() - begun, labels })
  }
}
