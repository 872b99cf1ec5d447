// Builds one of the tools here and hands over to it.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { must } from './command.mjs'
import { handOver } from './hand-over.mjs'
import { install } from './install.mjs'
import { root } from './workspace.mjs'

/** Prepares a package and runs its program: its terminal, its signals and its exit status are those of this process. */
export async function runBuilt(name, program, parameters) {
  const entry = join(root, program)
  try {
    await install()
    const flags = ['--ui=stream', '--output-logs=errors-only', '--concurrency=2']
    await must('The build', 'turbo', ['run', 'build', `--filter=${name}`, ...flags])
    if (!existsSync(entry)) throw new Error(`The build left no ${program}.`)
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
    return
  }
  handOver(process.execPath, [entry, ...parameters])
}
