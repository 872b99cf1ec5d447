import type { Result } from '../measure/task.ts'
import type { Cell } from './cell.ts'
import type { Contender } from './contender.ts'
import { median, type Spread, spreadOf } from './statistics.ts'

/** Everything that was measured of one contender in one cell. */
export interface Sample {
  readonly cell: Cell
  readonly contender: string
  /** Round by round, with the numbers of those in which it was measured. */
  readonly results: readonly (Result & { readonly round: number })[]
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
  readonly #samples = new Map<string, { cell: Cell; contender: string; results: (Result & { round: number })[] }>()

  /** What could not be measured, one sentence each. */
  readonly failures: string[] = []

  add(cell: Cell, contender: Contender, round: number, result: Result): void {
    const key = keyOf(cell, contender.name)
    const sample = this.#samples.get(key) ?? { cell, contender: contender.name, results: [] }
    sample.results.push({ ...result, round })
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
  figures(cell: Cell, { name }: Pick<Contender, 'name'>): Figures | undefined {
    const sample = this.#samples.get(keyOf(cell, name))
    if (sample === undefined) return undefined
    const of = (figure: 'appliesPerSecond' | 'p50' | 'p99'): Spread =>
      spreadOf(sample.results.map((result) => result[figure]))
    return { contender: name, appliesPerSecond: of('appliesPerSecond'), p50: of('p50'), p99: of('p99') }
  }

  /**
   * How many times as much the one applies as the other: the median of the rounds in which both were measured, which was
   * within the same seconds. Nothing if there are none.
   */
  ratio(cell: Cell, one: Pick<Contender, 'name'>, other: Pick<Contender, 'name'>): number | undefined {
    const others = this.#samples.get(keyOf(cell, other.name))?.results ?? []
    const ratios = (this.#samples.get(keyOf(cell, one.name))?.results ?? []).flatMap((result) => {
      const beside = others.find(({ round }) => round === result.round)
      return beside === undefined ? [] : [result.appliesPerSecond / beside.appliesPerSecond]
    })
    return ratios.length === 0 ? undefined : median(ratios)
  }
}

function keyOf({ setting, clients, bytes, nodes }: Cell, contender: string): string {
  return [setting, clients, bytes, nodes, contender].join('|')
}
