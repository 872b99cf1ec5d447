import { settings } from '../measure/task.ts'
import type { Comparison } from '../suite/comparison.ts'
import type { Figures } from '../suite/samples.ts'
import type { Panel, Series } from './chart.ts'
import { settingName } from './table.ts'

/** The lines of the chart: we, the better Go with each store, and the ceiling. */
export function panelsOf(rows: readonly Comparison[]): readonly Panel[] {
  return settings.flatMap((setting) => {
    const own = rows.filter(({ cell }) => cell.setting === setting)
    if (own.length === 0) return []
    const rivals = [...new Set(own.map(({ rival }) => rival))]
    const first = own.filter(({ rival }) => rival === rivals[0])
    const series = [
      line('ceiling', first, ({ ceiling }) => ceiling),
      ...rivals.map((name) =>
        line(
          name,
          own.filter(({ rival }) => rival === name),
          ({ go }) => go,
        ),
      ),
      line('ours', first, ({ ours }) => ours),
    ]
    return [{ title: settingName(setting), setting, series: series.filter(({ points }) => points.length > 0) }]
  })
}

function line(name: string, rows: readonly Comparison[], figures: (row: Comparison) => Figures | undefined): Series {
  const points = rows.flatMap((row) => {
    const found = figures(row)
    return found === undefined ? [] : [{ clients: row.cell.clients, applies: found.appliesPerSecond.median }]
  })
  return { name, points }
}
