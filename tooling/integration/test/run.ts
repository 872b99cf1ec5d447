import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** How a program ended, and all that it wrote. A signal counts as a status. */
export interface Ended {
  readonly status: number | string
  readonly output: string
}

/** Where one of the demo's programs is. */
export function program(name: 'tour' | 'node'): string {
  return fileURLToPath(import.meta.resolve(`@raft-tooling/demo/${name}`))
}

/** Runs one of the demo's programs to its end, without a terminal. */
export async function run(name: 'tour' | 'node', parameters: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program(name), ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] })
    const alarm = setTimeout(() => child.kill('SIGKILL'), 55_000)
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(alarm)
      resolve({ status: code ?? signal ?? 'unknown', output })
    })
  })
}
