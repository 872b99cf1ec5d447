import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ClusterTask, Load, Result } from '../measure/task.ts'

const program = fileURLToPath(new URL('../serve.js', import.meta.url))

/** A cluster of ours, or the ceiling, whose leader is a process of its own. It does nothing until it is loaded. */
export class MeasuredCluster {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  }

  static async start(side: 'ours' | 'ceiling', task: ClusterTask): Promise<MeasuredCluster> {
    const child = spawn(process.execPath, [program, side, JSON.stringify(task)], { stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin.on('error', () => undefined)
    const cluster = new MeasuredCluster(child)
    await cluster.#next()
    return cluster
  }

  async load(load: Load): Promise<Result> {
    this.#child.stdin!.write(`${JSON.stringify(load)}\n`)
    return JSON.parse(await this.#next()) as Result
  }

  async end(): Promise<void> {
    const ended = this.#child.exitCode === null ? once(this.#child, 'exit') : undefined
    this.#child.stdin!.end()
    await ended
  }

  async #next(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done === true) throw new Error('a cluster that was measured came to an end; what it said is above')
    return value
  }
}
