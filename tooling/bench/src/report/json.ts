import { writeFile } from 'node:fs/promises'
import type { OurOptions } from '../measure/task.ts'
import type { Comparison } from '../suite/comparison.ts'
import type { Samples } from '../suite/samples.ts'
import type { Machine } from './machine.ts'

/** Everything about a run. Latencies are milliseconds, processor times microseconds an apply. */
export interface Report {
  readonly machine: Machine
  readonly options: OurOptions
  readonly rows: readonly Comparison[]
  readonly samples: Samples['all']
}

/** Writes a report as JSON: to a file, or to standard output for `-`. */
export async function writeJSON(file: string, report: object): Promise<void> {
  const text = `${JSON.stringify(report, null, 2)}\n`
  if (file === '-') process.stdout.write(text)
  else await writeFile(file, text)
}
