import { compare } from '../suite/comparison.ts'
import type { Progress } from '../suite/rounds.ts'
import { short } from './numbers.ts'
import { settingName } from './table.ts'

/** What is known of a cell after a round of it: `round 2, three processes, TCP, in memory, 64 clients: ours 394k, …`. */
export function progressLine({ round, cell, samples }: Progress): string {
  const rows = compare(samples, cell)
  const where = `round ${round}, ${settingName(cell.setting, cell.nodes)}, ${cell.clients} clients`
  if (rows[0] === undefined) return `${where}: ours could not be measured`
  const figures = [
    `ours ${short(rows[0].ours.appliesPerSecond.median)}`,
    ...rows.flatMap(({ rival, go }) => (go === undefined ? [] : [`${rival} ${short(go.appliesPerSecond.median)}`])),
    ...(rows[0].ceiling === undefined ? [] : [`ceiling ${short(rows[0].ceiling.appliesPerSecond.median)}`]),
  ]
  return `${where}: ${figures.join(', ')}`
}
