import type { Setting } from '../measure/task.ts'
import type { Cell } from '../suite/cell.ts'
import { compare, type Comparison } from '../suite/comparison.ts'
import type { Samples } from '../suite/samples.ts'
import { markdownTable } from './markdown.ts'
import { milliseconds, ratio, short, spread } from './numbers.ts'

const names: Readonly<Record<Setting, string>> = {
  memory: 'one process, in memory',
  tcp: 'three processes, TCP, in memory',
  durable: 'three processes, TCP, durable',
}

/** What a setting is called in a table. */
export function settingName(setting: Setting, nodes = 3): string {
  const counts: Readonly<Record<number, string>> = { 5: 'five', 7: 'seven' }
  const name = names[setting]
  return nodes === 3
    ? name
    : name.replace('three', counts[nodes] ?? String(nodes)).replace('memory', `memory, ${nodes} nodes`)
}

const head = [
  'setting',
  'clients',
  'ours, applies/s',
  'Go, applies/s',
  'ours ÷ Go',
  'ours ÷ ceiling',
  'p99 ms, ours',
  'p99 ms, Go',
]

/** The table of a run. Rows of the same cell with different stores of Go follow each other by store. */
export function resultTable(samples: Samples, cells: readonly Cell[]): string {
  const rows = comparisons(samples, cells)
  const sizes = new Set(cells.map(({ bytes }) => bytes)).size > 1
  const columns = sizes ? [head[0]!, 'bytes', ...head.slice(1)] : head
  return markdownTable(
    columns,
    rows.map((row) => cellsOf(row, sizes)),
  )
}

/** All rows, in the order in which they are shown. */
export function comparisons(samples: Samples, cells: readonly Cell[]): readonly Comparison[] {
  const rows = cells.flatMap((cell) => compare(samples, cell))
  const groups = new Map<string, Comparison[]>()
  for (const row of rows) {
    const group = `${row.cell.setting} ${row.cell.nodes} ${row.cell.bytes} ${row.rival}`
    groups.set(group, [...(groups.get(group) ?? []), row])
  }
  return [...groups.values()].flat()
}

function cellsOf(row: Comparison, sizes: boolean): readonly string[] {
  const { setting, nodes, clients, bytes } = row.cell
  const name = settingName(setting, nodes)
  return [
    row.go !== undefined && setting === 'durable' ? `${name}; ${row.rival}` : name,
    ...(sizes ? [short(bytes)] : []),
    String(clients),
    spread(row.ours.appliesPerSecond),
    row.go === undefined ? '–' : spread(row.go.appliesPerSecond),
    ratio(row.ratio, row.goal),
    ratio(row.ceilingRatio, row.ceilingGoal),
    milliseconds(row.ours.p99.median),
    row.goP99 === undefined ? '–' : milliseconds(row.goP99),
  ]
}

/** What the table falls short of, one sentence each. */
export function shortfalls(rows: readonly Comparison[]): readonly string[] {
  const all = rows.flatMap((row) => {
    const where = `${settingName(row.cell.setting, row.cell.nodes)}, ${row.cell.clients} clients`
    const found: string[] = []
    if (row.ratio !== undefined && row.goal !== undefined && row.ratio < row.goal) {
      found.push(`${where}: ours ÷ ${row.rival} is ${row.ratio.toFixed(2)}, the goal ${row.goal}`)
    }
    if (row.ceilingRatio !== undefined && row.ceilingGoal !== undefined && row.ceilingRatio < row.ceilingGoal) {
      found.push(`${where}: ours ÷ ceiling is ${row.ceilingRatio.toFixed(2)}, the goal ${row.ceilingGoal}`)
    }
    if (row.goP99 !== undefined && row.ours.p99.median > row.goP99) {
      const [own, theirs] = [milliseconds(row.ours.p99.median), milliseconds(row.goP99)]
      found.push(`${where}: the p99 is ${own} ms, that of ${row.rival} ${theirs} ms`)
    }
    return found
  })
  // What has nothing to do with Go's store is said once.
  return [...new Set(all)]
}
