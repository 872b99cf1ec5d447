// `npm run interop`: plays mixed clusters through every scenario and prints a table.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chaos } from './chaos/chaos.ts'
import { rollingReplacement } from './load/rolling.ts'
import { buildGo } from './peers/programs.ts'
import { type Cell, table } from './report/cell.ts'
import { chaosText, isFine } from './report/chaos-report.ts'
import { describe } from './scenarios/matrix.ts'
import { playAll, soloColumn } from './scenarios/run.ts'
import { type Pairing, pairing, pairings } from './scenarios/scenario.ts'

const help = `Clusters whose members are hashicorp/raft in Go and @raft/core.

  --quick             the part that npm test has, in one minute
  --only TEXT         scenarios whose name contains it
  --pairing N+M       clusters of N servers of ours and M of Go's, and no others
  --rolling           replaces a Go cluster by a TypeScript cluster and back, under load
  --chaos             kills, pauses and separates the servers of a cluster of five
  --minutes N         how long (10)
  --seed N            draws the faults
  --keep              leaves the servers' folders and logs
`

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    pairing: { type: 'string' },
    rolling: { type: 'boolean', default: false },
    chaos: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

async function main(): Promise<number> {
  if (values.help) {
    console.log(help)
    return 0
  }
  console.log(await buildGo())
  const folder = mkdtempSync(join(tmpdir(), 'raft-interop-'))
  const play = values.rolling ? roll : values.chaos ? wreak : matrix
  const done = await play(folder)
  if (done && !values.keep) rmSync(folder, { recursive: true })
  else console.log(`The servers' folders and logs are in ${folder}.`)
  return done ? 0 : 1
}

/** Plays the scenarios and prints the table. Resolves with whether all went well. */
async function matrix(folder: string): Promise<boolean> {
  const begun = performance.now()
  const rows = new Map<string, Map<string, Cell>>()
  const chosen = chosenPairings()
  const { quick, only } = values
  await playAll(
    { folder, quick, only, pairings: chosen, solo: values.pairing === undefined || values.pairing === 'none' },
    (column, cell) => {
      const row = rows.get(cell.name) ?? new Map<string, Cell>()
      rows.set(cell.name, row.set(column, cell))
      if (cell.failure !== undefined) console.log(`${column}: ${cell.name}: ${cell.failure}`)
    },
  )
  console.log(table([...chosen.map(({ name }) => name), soloColumn], rows))
  const cells = [...rows.values()].flatMap((row) => [...row.values()])
  const failed = cells.filter(({ failure }) => failure !== undefined).length
  const seconds = ((performance.now() - begun) / 1_000).toFixed(0)
  console.log(`\n${cells.length - failed} passed, ${failed} failed, in ${seconds} s`)
  return failed === 0
}

async function roll(folder: string): Promise<boolean> {
  try {
    const report = await rollingReplacement(folder, (line) => console.log(line))
    const { acknowledged, unknown, longestPause } = report
    console.log(`${acknowledged.size} writes acknowledged, all there; ${unknown} of unknown outcome`)
    console.log(`the longest time without an acknowledgement: ${longestPause} ms`)
    return true
  } catch (error) {
    console.error(describe(error))
    return false
  }
}

async function wreak(folder: string): Promise<boolean> {
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000))
  const five = values.pairing === undefined ? pairing(3, 2) : (chosenPairings()[0] ?? pairing(3, 2))
  console.log(`${five.name}, for ${values.minutes} minutes, seed ${seed}`)
  const begun = performance.now()
  const say = (line: string) => {
    if (values.keep) console.log(`${((performance.now() - begun) / 1_000).toFixed(1).padStart(6)} ${line}`)
  }
  const report = await chaos({ folder, pairing: five, minutes: Number(values.minutes), seed, say })
  console.log(chaosText(report))
  return isFine(report)
}

function chosenPairings(): readonly Pairing[] {
  if (values.pairing === 'none') return []
  if (values.pairing === undefined) return values.quick ? pairings.slice(0, 2) : pairings
  const [ts = 0, go = 0] = values.pairing.split('+').map(Number)
  return [pairing(ts, go)]
}

main()
  .then((code) => process.exit(code))
  .catch((error: unknown) => {
    console.error(describe(error))
    process.exit(1)
  })
