// Runs a child process whose terminal, signals and exit status are those of this one.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { install } from './install.mjs'
import { environment, root } from './workspace.mjs'

/** Installs if need be, then runs this command and its parameters. */
export async function runInstalled([command, ...parameters]) {
  try {
    await install((line) => console.error(line))
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
    return
  }
  handOver(command, parameters)
}

/** Runs this command in the repository, passes signals on, and ends as it ends. */
export function handOver(command, parameters) {
  const shell = process.platform === 'win32' && command !== process.execPath
  const child = spawn(command, parameters, { cwd: root, env: environment(), stdio: 'inherit', shell })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole group of processes, so the child has it already.
      if (signal === 'SIGINT' && process.stdin.isTTY) return
      child.kill(signal)
    })
  }
  child.on('error', (error) => {
    console.error(`${command} did not start: ${error.message}`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal]
  })
}
