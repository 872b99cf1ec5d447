import { resultTable } from '../report/table.ts'
import { progressLine } from '../report/progress.ts'
import { settings } from '../measure/task.ts'
import type { Cell } from '../suite/cell.ts'
import { cellsOf, standardPlan } from '../suite/plans.ts'
import { runRounds } from '../suite/rounds.ts'
import type { Extra } from './extra.ts'

/** Commands of 1 KB and 64 KB. */
export const sizes: Extra = more(
  'commands of 1 KB and 64 KB',
  [1_024, 65_536].flatMap((bytes) => cellsOf(settings, { bytes })),
)

/** Five and seven servers. */
export const moreServers: Extra = more(
  'five and seven servers',
  [5, 7].flatMap((nodes) => cellsOf(settings, { nodes })),
)

function more(name: string, cells: readonly Cell[]): Extra {
  return {
    name,
    async run({ go, say }) {
      const plan = { ...standardPlan(go), cells, apart: true, rounds: { least: 3, most: 3 }, seconds: 3 }
      const samples = await runRounds(plan, (progress) => say(progressLine(progress)))
      const table = [resultTable(samples, cells), ...samples.failures.map((what) => `Failed: ${what}`)].join('\n\n')
      return { table, figures: samples.all }
    },
  }
}
