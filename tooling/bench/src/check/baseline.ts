import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { median } from '../suite/statistics.ts'

const file = fileURLToPath(new URL('../../baseline.json', import.meta.url))

/** What is put up with: less than this share of what was kept is a loss. */
export const LEAST_SHARE = 2 / 3

/** From a cell to ours ÷ ceiling. */
export type Baseline = Readonly<Record<string, number>>

/** What was kept. */
export async function readBaseline(): Promise<Baseline> {
  return JSON.parse(await readFile(file, 'utf8')) as Baseline
}

/** Keeps figures, with the digits that mean something. */
export async function writeBaseline(baseline: Baseline): Promise<void> {
  const rounded = Object.fromEntries(
    Object.entries(baseline).map(([cell, value]) => [cell, Number(value.toPrecision(3))]),
  )
  await writeFile(file, `${JSON.stringify(rounded, null, 2)}\n`)
}

/** How a cell stands after some attempts, each with a ratio for every pair of measurements. */
export interface Verdict {
  /** The best attempt's median: a busy machine makes a ratio worse, and hardly ever better. */
  readonly ratio: number
  readonly least: number
  readonly lost: boolean
}

/** Judges a cell. Throws an `Error` if nothing was kept of it. */
export function judge(cell: string, attempts: readonly (readonly number[])[], baseline: Baseline): Verdict {
  const kept = baseline[cell]
  if (kept === undefined) throw new Error(`baseline.json has nothing of '${cell}': npm run bench -- --keep`)
  const ratio = Math.max(...attempts.map(median))
  const least = kept * LEAST_SHARE
  return { ratio, least, lost: ratio < least }
}
