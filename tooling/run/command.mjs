// Runs one command, quietly: what it prints is shown only if it fails.
import { spawn } from 'node:child_process'
import { environment, root } from './workspace.mjs'

const windows = process.platform === 'win32'

/** Runs a command in the repository and resolves with its exit status and what it printed. */
export function run(command, parameters, { cwd = root, env = environment(), show = false, signal } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, {
      cwd,
      env,
      shell: windows,
      signal,
      killSignal: 'SIGKILL',
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    })
    const pieces = []
    child.stdout?.on('data', (piece) => pieces.push(piece))
    child.stderr?.on('data', (piece) => pieces.push(piece))
    child.on('error', (error) => {
      if (error.name !== 'AbortError') reject(error)
    })
    child.on('close', (code, signal) => resolve({ code: code ?? 1, signal, output: Buffer.concat(pieces).toString() }))
  })
}

/** Like `run`, and throws with the whole output if the command fails. */
export async function must(what, command, parameters, options) {
  const { code, output } = await run(command, parameters, options)
  if (code === 0) return output
  throw new Error(
    `${what} failed (\`${[command, ...parameters].join(' ')}\` ended with status ${code}).\n\n${output.trimEnd()}`,
  )
}
