import type { Cell } from './cell.ts'
import type { Contender } from './contender.ts'
import { measure, type Terms } from './measure.ts'
import { Samples } from './samples.ts'

/** A run of the benchmark. */
export interface Plan extends Terms {
  readonly cells: readonly Cell[]
  readonly contenders: (cell: Cell) => readonly Contender[]
  readonly rounds: { readonly least: number; readonly most: number }
  /** After this many seconds no further round begins that would not end in time. */
  readonly budget: number
}

/** What happens during a run. */
export interface Progress {
  readonly round: number
  readonly cell: Cell
  readonly samples: Samples
}

/**
 * Measures everybody in every cell, round by round: in a cell one right after the other, so that what slows the machine
 * for a while slows all of them, and each round begins with another.
 */
export async function runRounds(plan: Plan, report: (progress: Progress) => void): Promise<Samples> {
  const samples = new Samples()
  const begun = performance.now()
  for (let round = 1; round <= plan.rounds.most; round++) {
    const each = (performance.now() - begun) / (round - 1)
    if (round > plan.rounds.least && performance.now() - begun + each > plan.budget * 1_000) break
    for (const cell of plan.cells) {
      for (const contender of turned(plan.contenders(cell), round - 1)) {
        try {
          samples.add(cell, contender, await measure(contender, cell, plan))
        } catch (error) {
          samples.failures.push(failure(cell, contender, error))
        }
      }
      report({ round, cell, samples })
    }
  }
  return samples
}

function failure({ setting, clients, bytes, nodes }: Cell, { name }: Contender, error: unknown): string {
  return `${name}, ${setting}, ${clients} clients, ${bytes} bytes, ${nodes} servers: ${(error as Error).message}`
}

function turned<T>(all: readonly T[], by: number): readonly T[] {
  const at = by % all.length
  return [...all.slice(at), ...all.slice(0, at)]
}
