import type { Clock } from '../interfaces/clock.ts'
import type { Meter } from './meter.ts'

/** Milliseconds between two reports at least. */
const INTERVAL = 1_000

/** Measures which part of its time something is busy: from 0 to 1, with two decimals. */
export class Saturation {
  readonly #meter: Meter
  readonly #clock: Clock
  readonly #name: string
  #reportedAt: number
  #busySince: number | undefined
  #busy = 0

  constructor(name: string, meter: Meter, clock: Clock) {
    this.#name = name
    this.#meter = meter
    this.#clock = clock
    this.#reportedAt = meter.begin()
  }

  /** It becomes busy. */
  begin(): void {
    if (this.#meter.active) this.#busySince ??= this.#clock.now()
  }

  /** It is busy no more. */
  end(): void {
    if (this.#busySince === undefined) return
    const now = this.#clock.now()
    this.#busy += now - this.#busySince
    this.#busySince = undefined
    const elapsed = now - this.#reportedAt
    if (elapsed < INTERVAL) return
    this.#meter.sample(this.#name, Math.round(Math.min(1, this.#busy / elapsed) * 100) / 100)
    this.#busy = 0
    this.#reportedAt = now
  }
}
