// Builds the demo and hands over to it: its terminal, its signals and its exit status are those of `npm start`.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { must } from './command.mjs'
import { handOver } from './hand-over.mjs'
import { install } from './install.mjs'
import { root } from './workspace.mjs'

const entry = join(root, 'tooling/demo/dist/tour.js')

/** Prepares the demo and runs it with these parameters. */
export async function tour(parameters) {
  try {
    await install()
    const flags = ['--ui=stream', '--output-logs=errors-only', '--concurrency=2']
    await must('The build', 'turbo', ['run', 'build', '--filter=@raft-tooling/demo', ...flags])
    if (!existsSync(entry)) throw new Error('The build left no tooling/demo/dist/tour.js.')
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
    return
  }
  handOver(process.execPath, [entry, ...parameters])
}
