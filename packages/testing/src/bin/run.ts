// What `raft-sim` does, in a thread of its own.
import { parseArgs } from 'node:util'
import { describeRegressions, replay } from './replay.ts'
import { addReport, summaryOf, type Totals } from '../simulator/totals.ts'
import { type ProfileName, profiles } from '../simulator/profiles.ts'
import { runSimulation, type SimulationReport } from '../simulator/simulate.ts'

const USAGE = `usage: raft-sim [options]
       raft-sim replay [NAME] [--story]

Runs clusters of real nodes under simulated faults and checks them after every event. 'replay' plays a bug that some Raft
once had, and says whether it is here; without a name it lists them.

  --seed N        the first seed, or the only one without --seeds and --minutes (default: 1)
  --seeds N       how many seeds to run
  --minutes M     run seeds until M minutes of this machine's time are over
  --profile NAME  one of those below (default: all in turn; with --seed alone: mixed)
  --duration MS   virtual milliseconds with faults in each run (default: 60000)
  --story         print every event

The profiles:
${Object.entries(profiles)
  .map(([name, { aim }]) => `  ${name.padEnd(11)}${aim}`)
  .join('\n')}
`

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string' },
      minutes: { type: 'string' },
      profile: { type: 'string' },
      duration: { type: 'string', default: '60000' },
      story: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    say(USAGE)
    return 0
  }
  const [command, name] = positionals
  if (command === 'replay' && name === undefined) {
    say(describeRegressions())
    return 0
  }
  if (command === 'replay') return (await replay(name!, values.story, say)) ? 0 : 1
  if (command !== undefined) throw new TypeError(`there is no command ${command}; there is replay`)
  const profile = values.profile === undefined ? undefined : profileNamed(values.profile)
  const seed = wholeNumber('seed', values.seed)
  const duration = wholeNumber('duration', values.duration)
  const tell = values.story ? say : undefined
  if (values.seeds === undefined && values.minutes === undefined) {
    const report = await runSimulation({ seed, faults: profile ?? 'mixed', duration, tell })
    say(describeRun(report))
    return report.violations.length === 0 ? 0 : 1
  }
  const seeds = values.seeds === undefined ? Infinity : wholeNumber('seeds', values.seeds)
  const minutes = values.minutes === undefined ? Infinity : Number(values.minutes)
  return await runMany({ seed, seeds, minutes, profile, duration })
}

interface Many {
  readonly seed: number
  readonly seeds: number
  readonly minutes: number
  readonly profile: ProfileName | undefined
  readonly duration: number
}

async function runMany({ seed, seeds, minutes, profile, duration }: Many): Promise<number> {
  // Refused clients are errors by the thousands; where one comes from is for who replays its seed.
  Error.stackTraceLimit = 0
  const names = Object.keys(profiles) as ProfileName[]
  const begun = performance.now()
  const cpu = process.cpuUsage()
  const totals: Totals = { runs: 0, duration: 0, counted: 0, events: 0, operations: 0, faults: {}, failed: [] }
  for (let next = seed; next < seed + seeds && performance.now() - begun < minutes * 60_000; next++) {
    const report = await runSimulation({ seed: next, faults: profile ?? names[next % names.length]!, duration })
    addReport(totals, report)
    if (report.violations.length > 0) say(describeRun(report))
  }
  const { user, system } = process.cpuUsage(cpu)
  say(summaryOf(totals, (user + system) / 60_000_000))
  return totals.failed.length === 0 ? 0 : 1
}

function describeRun(report: SimulationReport): string {
  const { seed, profile, hash, events, duration, servers, elections, committed, operations, faults } = report
  const lines = [
    `seed ${seed} (${profile}): ${(duration / 1_000).toFixed(1)} s of ${servers} servers, ${events} events, trace ${hash}`,
    `  ${elections} elections, ${committed} entries committed, operations ${JSON.stringify(operations)}`,
    `  faults ${JSON.stringify(faults)}`,
  ]
  for (const { rule, text, at } of report.violations.slice(0, 3))
    lines.push(`  VIOLATION ${rule} at ${at.toFixed(3)} ms: ${text}`)
  if (report.violations.length > 0) lines.push(`  replay: ${report.replay} --story`)
  return lines.join('\n')
}

function profileNamed(name: string): ProfileName {
  if (name in profiles) return name as ProfileName
  throw new TypeError(`there is no profile ${name}; there are ${Object.keys(profiles).join(', ')}`)
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new TypeError(`--${option} takes a whole number, not ${text}`)
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
  process.exitCode = 2
}
