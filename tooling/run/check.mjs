// The steps of `npm test`, in order. Later ones still run when an earlier one fails. After a failed build only the tests
// do, of those packages that could be built: the other steps would say the same again.
import { run } from './command.mjs'
import { install } from './install.mjs'
import { closingLine, forgetResults, sumResults, testedPackages } from './results.mjs'
import { root } from './workspace.mjs'

// Two at a time: some tests start several processes, and two cores are what a build server has.
const turbo = [
  'run',
  '--concurrency=2',
  '--ui=stream',
  '--output-logs=errors-only',
  '--log-order=grouped',
  '--continue=dependencies-successful',
]

const steps = [
  { name: 'build', command: 'turbo', parameters: [...turbo, 'build'] },
  { name: 'typecheck', command: 'turbo', parameters: [...turbo, 'typecheck'] },
  { name: 'lint', command: 'turbo', parameters: [...turbo, 'lint', '//#lint:root'] },
  { name: 'test', command: 'turbo', parameters: [...turbo, 'test'], tests: true },
]

/** Runs all steps, prints the counts, and sets the exit status. Parameters: names of steps, to run only those. */
export async function check(only = []) {
  const broken = []
  const packages = testedPackages()
  let tested = false
  try {
    await timed('install', () => install())
  } catch (error) {
    console.error(error.message)
    broken.push('install')
  }
  for (const step of broken.length > 0 ? [] : steps) {
    if (only.length > 0 && !only.includes(step.name)) continue
    if (broken.includes('build') && !step.tests) continue
    if (step.tests) forgetResults(packages)
    const { code } = await timed(step.name, () => run(step.command, step.parameters, { cwd: root, show: true }))
    if (step.tests) tested = true
    if (code === 0) continue
    broken.push(step.name)
  }
  finish(broken, tested ? sumResults(packages) : sumResults([]))
}

function finish(broken, sum) {
  console.log()
  for (const { name, passed, failed, skipped, remark } of sum.rows)
    console.log(
      `  ${name.padEnd(32)}${closingLine({ passed, failed, skipped })}${remark === undefined ? '' : `; ${remark}`}`,
    )
  for (const name of sum.silent) {
    console.log(`  ${name.padEnd(32)}no result: its tests did not run to the end`)
    sum.failed++
  }
  for (const failure of sum.failures) console.log(`FAILED  ${failure}`)
  for (const step of broken) {
    // A failed test has been counted already; any other step that failed counts as one failure.
    if (step === 'test' && sum.failed > 0) continue
    sum.failed++
    console.log(`FAILED  the step '${step}'; its output is above`)
  }
  console.log(closingLine(sum))
  process.exitCode = sum.failed > 0 ? 1 : 0
}

async function timed(name, work) {
  console.log(`\n── ${name}`)
  const start = performance.now()
  const result = await work()
  console.log(`   ${((performance.now() - start) / 1000).toFixed(1)} s`)
  return result
}
