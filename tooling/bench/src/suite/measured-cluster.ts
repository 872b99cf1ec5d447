import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { goCommand } from '../go/go.ts'
import type { ClusterTask, Load, Result } from '../measure/task.ts'
import type { Contender } from './contender.ts'

const program = fileURLToPath(new URL('../serve.js', import.meta.url))

/** Clients while a cluster is warmed up, one number after the other: a lone command takes another way than many. */
const WARMING = [1_024, 64, 1]

/** A cluster whose leader, with its clients, is a process of its own. It does nothing until it is loaded. */
export class MeasuredCluster {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  }

  static async start({ side, go }: Pick<Contender, 'side' | 'go'>, task: ClusterTask): Promise<MeasuredCluster> {
    const [file, ...parameters] =
      go === undefined ? ([process.execPath, program, side, JSON.stringify(task)] as const) : await goCommand(task, go)
    const child = spawn(file, parameters, { stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin.on('error', () => undefined)
    const cluster = new MeasuredCluster(child)
    await cluster.#next()
    return cluster
  }

  /** Has it do what it is then measured at, for so many seconds in all. */
  async warmUp(bytes: number, seconds: number): Promise<void> {
    for (const clients of WARMING) await this.load({ clients, bytes, warmup: 0, seconds: seconds / WARMING.length })
  }

  /** Loads it. Rejects if a client fails, and then it is not to be used again. */
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
