import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Dump, type Status } from '../http/report-routes.ts'
import { type HTTPClient } from './http-client.ts'

/** Where a node lives. */
export interface NodePlace {
  readonly id: string
  /** `host:port` for the other nodes. */
  readonly raft: string
  /** `host:port` for clients. */
  readonly http: string
  readonly folder: string
}

const entry = fileURLToPath(new URL('../node.js', import.meta.url))
const living = new Set<ChildProcess>()

// Whatever way this process ends, short of being killed itself, it leaves no other behind. Children whose parent was
// killed notice that their standard input ended.
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

/** One node of a cluster as a process of its own, which can be started again in the same place. */
export class NodeProcess {
  readonly place: NodePlace
  readonly #parameters: readonly string[]
  readonly #client: HTTPClient
  #child: ChildProcess | undefined

  constructor(place: NodePlace, parameters: readonly string[], client: HTTPClient) {
    this.place = place
    this.#parameters = parameters
    this.#client = client
  }

  get id(): string {
    return this.place.id
  }

  get running(): boolean {
    return this.#child !== undefined
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** Where it writes what it has to say. */
  get logFile(): string {
    return join(this.place.folder, 'node.log')
  }

  /** Starts it, and resolves once it answers. */
  async start(extra: readonly string[] = []): Promise<void> {
    const { id, raft, http, folder } = this.place
    mkdirSync(folder, { recursive: true })
    const log = openSync(this.logFile, 'a')
    const places = ['--id', id, '--raft', raft, '--http', http, '--data', folder]
    const parameters = [entry, ...places, '--stop-with-parent', ...this.#parameters, ...extra]
    // In a session of its own: Ctrl-C is for the process that started it, which then decides.
    const child = spawn(process.execPath, parameters, { detached: true, stdio: ['pipe', log, log] })
    closeSync(log)
    this.#child = child
    living.add(child)
    child.once('exit', () => {
      living.delete(child)
      if (this.#child === child) this.#child = undefined
    })
    await this.#answering(child)
  }

  /** Ends it as a power cut would, and resolves when it has gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Asks it to stop, and resolves with its exit status when it has gone; it is killed if it takes too long. */
  async stop(within = 15_000): Promise<number | string> {
    return this.#end('SIGTERM', within)
  }

  /** Lets go of it, as it looks to the process when its parent dies. */
  orphan(): void {
    this.#child?.stdin?.end()
  }

  async status(): Promise<Status> {
    return this.#client.json<Status>({ http: this.place.http, path: '/status' })
  }

  async dump(): Promise<Dump> {
    return this.#client.json<Dump>({ http: this.place.http, path: '/dump' })
  }

  async admin<T>(action: string, parameters: object = {}): Promise<T> {
    const body = JSON.stringify(parameters)
    const path = `/admin/${action}`
    return this.#client.json<T>({ method: 'POST', http: this.place.http, path, body, timeout: 60_000 })
  }

  /** The last lines that it wrote. */
  lastWords(lines = 8): string {
    try {
      return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
    } catch {
      return ''
    }
  }

  async #answering(child: ChildProcess): Promise<void> {
    const deadline = performance.now() + 30_000
    while (performance.now() < deadline) {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`${this.id} did not start: ${this.lastWords(1)}`)
      }
      try {
        await this.status()
        return
      } catch {
        await pause(20)
      }
    }
    throw new Error(`${this.id} did not answer within 30 s: ${this.lastWords(1)}`)
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM', within?: number): Promise<number | string> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? 0
    const gone = once(child, 'exit') as Promise<[number | null, string | null]>
    child.kill(signal)
    const alarm = within === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), within)
    const [code, by] = await gone
    clearTimeout(alarm)
    return code ?? by ?? 'unknown'
  }
}
