import { withFolder } from '../measure/folder.ts'
import type { Setting } from '../measure/task.ts'
import type { Cell } from './cell.ts'
import type { Contender } from './contender.ts'
import { Running, type Terms } from './running.ts'
import { Samples } from './samples.ts'

/** A run of the benchmark. */
export interface Plan extends Terms {
  readonly cells: readonly Cell[]
  readonly contenders: (setting: Setting) => readonly Contender[]
  /** Each figure is of a cluster of its own, and only one runs at a time: for what fills the machine. */
  readonly apart: boolean
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
 * for a while slows all of them, and each time another begins.
 */
export async function runRounds(plan: Plan, report: (progress: Progress) => void): Promise<Samples> {
  const samples = new Samples()
  const begun = performance.now()
  for (let round = 1; round <= plan.rounds.most; round++) {
    const each = (performance.now() - begun) / (round - 1)
    if (round > plan.rounds.least && performance.now() - begun + each > plan.budget * 1_000) break
    for (const group of groupsOf(plan, round)) {
      await withFolder((folder) => runGroup(plan, group, folder, round, samples))
      for (const cell of group.complete) report({ round, cell, samples })
    }
  }
  return samples
}

/** Clusters that run side by side, and the cells in which each is measured in turn. */
interface Group {
  readonly cells: readonly Cell[]
  readonly contenders: readonly Contender[]
  /** The cells of which all is known afterwards. */
  readonly complete: readonly Cell[]
}

/** A group for each kind of cluster, or, if they are to be apart, for each figure. */
export function groupsOf(
  { cells, contenders, apart }: Pick<Plan, 'cells' | 'contenders' | 'apart'>,
  round: number,
): Group[] {
  if (apart) {
    return cells.flatMap((cell) => {
      const all = turned(contenders(cell.setting), round)
      return all.map((one, at) => ({ cells: [cell], contenders: [one], complete: at === all.length - 1 ? [cell] : [] }))
    })
  }
  const kinds = new Map<string, Cell[]>()
  for (const cell of cells) {
    const kind = [cell.setting, cell.nodes, cell.bytes].join(' ')
    kinds.set(kind, [...(kinds.get(kind) ?? []), cell])
  }
  return [...kinds.values()].map((alike) => ({
    cells: alike,
    contenders: contenders(alike[0]!.setting),
    complete: alike,
  }))
}

async function runGroup(
  plan: Plan,
  { cells, contenders }: Group,
  folder: string,
  round: number,
  samples: Samples,
): Promise<void> {
  const all = contenders.map((contender) => new Running(contender, cells[0]!, plan, folder))
  try {
    // What does not start now is tried again when it is measured.
    for (const running of all) await running.start().catch(() => running.end())
    for (const [at, cell] of cells.entries()) {
      for (const running of turned(all, round + at)) {
        try {
          samples.add(cell, running.contender, round, await running.measure(cell))
        } catch (error) {
          samples.failures.push(failure(cell, running.contender, error))
        }
      }
    }
  } finally {
    await Promise.all(all.map((running) => running.end()))
  }
}

function failure({ setting, clients, bytes, nodes }: Cell, { name }: Contender, error: unknown): string {
  return `${name}, ${setting}, ${clients} clients, ${bytes} bytes, ${nodes} servers: ${(error as Error).message}`
}

function turned<T>(all: readonly T[], by: number): readonly T[] {
  const at = by % all.length
  return [...all.slice(at), ...all.slice(0, at)]
}
