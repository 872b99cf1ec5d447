// `npm run bench`.
import { checkBaseline, keepBaseline } from './check/check.ts'
import { extras } from './extra/extras.ts'
import { goVersion } from './go/go.ts'
import { mainHelp, type MainOptions, readMain } from './options/main.ts'
import { writeJSON } from './report/json.ts'
import { machineLine, thisMachine } from './report/machine.ts'
import { progressLine } from './report/progress.ts'
import { conditions, writeSection } from './report/section.ts'
import { comparisons, resultTable, shortfalls } from './report/table.ts'
import { quickPlan, standardPlan } from './suite/plans.ts'
import { runRounds } from './suite/rounds.ts'

async function compareAll({ mode, json, write }: MainOptions): Promise<void> {
  const begun = performance.now()
  const go = await goVersion()
  if (go === undefined) console.error('There is no Go on this machine, or its modules cannot be fetched: ours alone.')
  const plan = mode === 'quick' ? quickPlan(go !== undefined) : standardPlan(go !== undefined)
  const samples = await runRounds(plan, (progress) => console.error(progressLine(progress)))
  const rows = comparisons(samples, plan.cells)
  const options = plan.options ?? {}
  const facts = {
    machine: thisMachine(go),
    options,
    rounds: samples.rounds,
    seconds: plan.seconds,
    table: resultTable(samples, plan.cells),
  }
  console.log(`${facts.table}\n\n${conditions(facts)}\n`)
  const short = shortfalls(rows)
  console.log(short.length === 0 ? 'Every goal is reached.' : ['Short of the goals:', ...short].join('\n  '))
  for (const what of samples.failures) console.log(`Failed: ${what}`)
  if (samples.failures.length > 0) process.exitCode = 1
  console.log(`It took ${Math.round((performance.now() - begun) / 1_000)} s.`)
  if (json !== undefined) await writeJSON(json, { machine: facts.machine, options, rows, samples: samples.all })
  if (write) await writeSection(facts, rows)
}

async function runExtras({ only, json }: MainOptions): Promise<void> {
  const go = await goVersion()
  const chosen = extras.filter(({ name }) => name.includes(only))
  if (chosen.length === 0) throw new Error(`there is no '${only}' among: ${extras.map(({ name }) => name).join('; ')}`)
  console.log(`On ${machineLine(thisMachine(go))}.`)
  const all: Record<string, unknown> = {}
  const tools = { go: go !== undefined, say: (line: string) => console.error(line) }
  for (const extra of chosen) {
    console.log(`\n## ${extra.name}\n`)
    try {
      const { table, figures } = await extra.run(tools)
      all[extra.name] = figures
      console.log(table)
    } catch (error) {
      // The others are worth having all the same.
      console.log(`It failed: ${(error as Error).message}`)
      process.exitCode = 1
    }
  }
  if (json !== undefined) await writeJSON(json, { machine: thisMachine(go), ...all })
}

async function main(): Promise<void> {
  const options = readMain(process.argv.slice(2))
  if (options === undefined) console.log(mainHelp)
  else if (options.mode === 'check') process.exitCode = (await checkBaseline(console.log)) ? 0 : 1
  else if (options.mode === 'keep') await keepBaseline(console.log)
  else if (options.mode === 'all') await runExtras(options)
  else await compareAll(options)
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
