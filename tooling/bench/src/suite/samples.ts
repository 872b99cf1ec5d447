import type { Result } from '../measure/task.ts'
import type { Cell } from './cell.ts'
import type { Contender } from './contender.ts'
import { type Spread, spreadOf } from './statistics.ts'

/** Everything that was measured of one contender in one cell. */
export interface Sample {
  readonly cell: Cell
  readonly contender: string
  /** Round by round. */
  readonly results: readonly Result[]
}

/** A contender's figures over all rounds. */
export interface Figures {
  readonly contender: string
  readonly appliesPerSecond: Spread
  readonly p50: Spread
  readonly p99: Spread
}

/** What was measured so far. */
export class Samples {
  readonly #samples = new Map<string, { cell: Cell; contender: string; results: Result[] }>()

  /** What could not be measured, one sentence each. */
  readonly failures: string[] = []

  add(cell: Cell, contender: Contender, result: Result): void {
    const key = keyOf(cell, contender.name)
    const sample = this.#samples.get(key) ?? { cell, contender: contender.name, results: [] }
    sample.results.push(result)
    this.#samples.set(key, sample)
  }

  get all(): readonly Sample[] {
    return [...this.#samples.values()]
  }

  /** How often everything was measured. */
  get rounds(): number {
    return Math.min(...this.all.map(({ results }) => results.length))
  }

  /** Nothing if it was not measured. */
  figures(cell: Cell, { name }: Contender): Figures | undefined {
    const sample = this.#samples.get(keyOf(cell, name))
    if (sample === undefined) return undefined
    const of = (figure: 'appliesPerSecond' | 'p50' | 'p99'): Spread =>
      spreadOf(sample.results.map((result) => result[figure]))
    return { contender: name, appliesPerSecond: of('appliesPerSecond'), p50: of('p50'), p99: of('p99') }
  }
}

function keyOf({ setting, clients, bytes, nodes }: Cell, contender: string): string {
  return [setting, clients, bytes, nodes, contender].join('|')
}
