import type { Meter } from './meter.ts'

interface Due {
  readonly name: string
  readonly through: number
  readonly begun: number
}

/** Measures how long it takes until a number that only grows has reached another. */
export class DueTimers {
  readonly #meter: Meter
  #due: Due[] = []

  constructor(meter: Meter) {
    this.#meter = meter
  }

  /** Reports the time from now until `reached(through)`. */
  begin(name: string, through: number): void {
    if (this.#meter.active) this.#due.push({ name, through, begun: this.#meter.begin() })
  }

  reached(number: number): void {
    if (this.#due.length === 0) return
    const reached = this.#due.filter(({ through }) => through <= number)
    this.#due = this.#due.filter(({ through }) => through > number)
    for (const { name, begun } of reached) this.#meter.timer(name, begun)
  }
}
