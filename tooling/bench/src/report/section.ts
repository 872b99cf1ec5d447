import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { OurOptions } from '../measure/task.ts'
import type { Comparison } from '../suite/comparison.ts'
import { chart } from './chart.ts'
import { type Machine, machineLine } from './machine.ts'
import { panelsOf } from './panels.ts'
import { between } from './readme.ts'

const readme = fileURLToPath(new URL('../../../../README.md', import.meta.url))
const picture = fileURLToPath(new URL('../../../../docs/performance.svg', import.meta.url))

/** What the README says of speed, and what is printed. */
export interface SectionFacts {
  readonly machine: Machine
  readonly options: OurOptions
  readonly rounds: number
  readonly seconds: number
  readonly table: string
}

/** How the figures were taken, in a few sentences. */
export function conditions({ machine, options, rounds, seconds }: Omit<SectionFacts, 'table'>): string {
  const set = Object.entries({ ...options.config, maxRPCsInFlight: options.maxRPCsInFlight })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `\`${name}: ${value}\``)
  return [
    `Three servers, commands of 128 bytes, clients in the leader's process that each have one under way.`,
    `Medians of ${rounds === 1 ? 'one round' : `${rounds} rounds`} of ${seconds} s (and the range), in which all take turns; a ratio is the median of each round's.`,
    machine.go === undefined ? '' : `Go is hashicorp/raft v1.7.3, the better of its defaults and tuned`,
    machine.go === undefined ? '' : `(MaxAppendEntries 1,024, BatchApplyCh, an FSM that takes batches), row by row.`,
    `The ceiling is the same work with nothing of Raft in it.`,
    set.length === 0 ? 'Ours has its defaults.' : `Ours has its defaults but for ${set.join(', ')}.`,
    `On ${machineLine(machine)}.`,
  ]
    .filter((sentence) => sentence !== '')
    .join(' ')
}

/** Puts the figures into the README and draws the chart. */
export async function writeSection(facts: SectionFacts, rows: readonly Comparison[]): Promise<void> {
  const text = [
    '![Applies a second by the number of clients](docs/performance.svg)',
    facts.table,
    wrap(`${conditions(facts)} \`npm run bench\` measures again.`),
  ].join('\n\n')
  await writeFile(readme, between(await readFile(readme, 'utf8'), text))
  await writeFile(picture, chart(panelsOf(rows)))
}

/** Breaks a paragraph into lines of at most 120 characters. */
function wrap(text: string): string {
  return text.replace(/(?=\S)(.{1,120})(?:\s+|$)/g, '$1\n').trim()
}
