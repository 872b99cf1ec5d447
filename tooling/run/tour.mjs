// Runs the demo in a process of its own: its terminal, its signals and its exit status are those of `npm start`.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { must } from './command.mjs'
import { install } from './install.mjs'
import { environment, root } from './workspace.mjs'

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
  handOver(spawn(process.execPath, [entry, ...parameters], { cwd: root, env: environment(), stdio: 'inherit' }))
}

function handOver(child) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole group of processes, so the child has it already.
      if (signal === 'SIGINT' && process.stdin.isTTY) return
      child.kill(signal)
    })
  }
  child.on('error', (error) => {
    console.error(`The tour did not start: ${error.message}`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal]
  })
}
