import { type WriteEnd } from './key-value-client.ts'

/** One write as its client saw it. Times are milliseconds of `performance.now()`. */
export interface Write {
  readonly key: string
  readonly value: string
  readonly client: number
  readonly started: number
  readonly ended: number
  readonly end: WriteEnd
}

/** A write that was acknowledged, and the place in the log that the server named. */
export interface Acknowledged extends Write {
  readonly end: Extract<WriteEnd, { outcome: 'acknowledged' }>
}

/** Every write of a run, in the order in which they ended. */
export class Ledger {
  readonly writes: Write[] = []

  add(write: Write): void {
    this.writes.push(write)
  }

  get acknowledged(): readonly Acknowledged[] {
    return this.writes.filter((write): write is Acknowledged => write.end.outcome === 'acknowledged')
  }

  /** How many ended so. */
  count(outcome: WriteEnd['outcome']): number {
    return this.writes.filter((write) => write.end.outcome === outcome).length
  }
}

/** The longest time without an acknowledgement between two moments, both included. */
export function longestGap(writes: readonly Acknowledged[], from: number, through: number): number {
  let longest = 0
  let previous = from
  for (const { ended } of writes) {
    if (ended < from || ended > through) continue
    longest = Math.max(longest, ended - previous)
    previous = ended
  }
  return Math.max(longest, through - previous)
}

/** The value below which this share of the numbers is; 0.5 is the median. NaN for no numbers. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}
