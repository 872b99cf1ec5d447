import { type OurOptions, type Setting, settings } from '../measure/task.ts'
import { type Cell, contendersOf } from './cell.ts'
import { clientCounts } from './goals.ts'
import type { Plan } from './rounds.ts'

/** What ours is told in every figure that is shown beside Go's: what a user would set who wants the same as Go tuned. */
export const ourOptions: OurOptions = { config: { maxAppendEntries: 1_024 }, maxRPCsInFlight: 16 }

/** Cells of some settings with all numbers of clients. */
export function cellsOf(chosen: readonly Setting[], { bytes = 128, nodes = 3 } = {}): readonly Cell[] {
  return chosen.flatMap((setting) => clientCounts.map((clients): Cell => ({ setting, clients, bytes, nodes })))
}

/** Every row that has a goal, with as many rounds as fit into a quarter of an hour. */
export function standardPlan(go: boolean): Plan {
  return {
    cells: cellsOf(settings),
    contenders: (setting) => contendersOf(setting, { go }),
    apart: false,
    rounds: { least: 3, most: 9 },
    budget: 820,
    seconds: 1,
    settling: 0.4,
    warmup: { go: 1.5, node: { memory: 4, tcp: 8, durable: 10 } },
    options: ourOptions,
  }
}

/** The same rows once, with short times and only tuned Go, in two minutes. */
export function quickPlan(go: boolean): Plan {
  return {
    ...standardPlan(go),
    contenders: (setting) => contendersOf(setting, { go, defaults: false }),
    rounds: { least: 1, most: 1 },
    seconds: 0.8,
    warmup: { go: 0.5, node: { memory: 2, tcp: 4, durable: 6 } },
  }
}
