import { type Cell } from './cell.ts'
import { ceiling, ours, type Rival, rivalsIn } from './contender.ts'
import { ceilingGoalOf, goalOf } from './goals.ts'
import type { Figures, Samples } from './samples.ts'

/** One row of the table: we beside the original with one of its stores. */
export interface Comparison {
  readonly cell: Cell
  readonly rival: string
  readonly ours: Figures
  /** The better of its ways to be set up, by applies a second; missing where there is no Go. */
  readonly go?: Figures | undefined
  /** The shortest p99 of its ways to be set up. */
  readonly goP99?: number | undefined
  readonly ceiling?: Figures | undefined
  /** Ours ÷ Go, round by round and the median of that, and what it is to be at least. */
  readonly ratio?: number | undefined
  readonly goal?: number | undefined
  readonly ceilingRatio?: number | undefined
  readonly ceilingGoal?: number | undefined
}

/** The rows of a cell: one for each store of the original. Without Go there is one row. */
export function compare(samples: Samples, cell: Cell): readonly Comparison[] {
  const own = samples.figures(cell, ours)
  if (own === undefined) return []
  const rows = rivalsIn(cell.setting).map((rival) => row(samples, cell, rival, own))
  return rows.some(({ go }) => go !== undefined) ? rows : rows.slice(0, 1)
}

function row(samples: Samples, cell: Cell, rival: Rival, own: Figures): Comparison {
  const all = rival.contenders.flatMap((contender) => samples.figures(cell, contender) ?? [])
  const go = all.toSorted((a, b) => b.appliesPerSecond.median - a.appliesPerSecond.median)[0]
  const top = samples.figures(cell, ceiling)
  const over = (other: Figures): number | undefined => samples.ratio(cell, ours, { name: other.contender })
  // The goals are for these alone.
  const standard = cell.bytes === 128 && cell.nodes === 3
  return {
    cell,
    rival: rival.name,
    ours: own,
    go,
    goP99: go && Math.min(...all.map(({ p99 }) => p99.median)),
    ceiling: top,
    ratio: go && over(go),
    goal: standard ? goalOf(cell.setting, rival.name, cell.clients) : undefined,
    ceilingRatio: top && over(top),
    ceilingGoal: standard ? ceilingGoalOf(cell.clients) : undefined,
  }
}
