import type { Spread } from '../suite/statistics.ts'

/** A figure with three digits that mean something: 1.23, 12.3, 123, 1.23k, 12.3M. */
export function short(value: number): string {
  for (const [unit, size] of [
    ['M', 1e6],
    ['k', 1e3],
  ] as const) {
    // What rounds up to the next unit is written in that.
    if (value >= size * 0.9995) return `${digits(value / size)}${unit}`
  }
  return digits(value)
}

function digits(value: number): string {
  const whole = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
  return value.toFixed(whole)
}

/** Milliseconds with three digits, down to a microsecond. */
export function milliseconds(value: number): string {
  return value < 0.1 ? value.toFixed(3) : digits(value)
}

/** The median and, where there is more than one, the range: `394k (380k–410k)`. */
export function spread({ median, min, max }: Spread): string {
  return min === max ? short(median) : `${short(median)} (${short(min)}–${short(max)})`
}

/** A ratio, and whether it is what it is to be at least: `5.31 ≥ 4`, or `3.2 < 4`. */
export function ratio(value: number | undefined, goal: number | undefined): string {
  if (value === undefined) return '–'
  if (goal === undefined) return value.toFixed(2)
  // Cut off, not rounded: 0.996 is not 1.
  const cut = Math.floor(value * 100) / 100
  return `${cut.toFixed(2)} ${value >= goal ? '≥' : '<'} ${goal}`
}
