import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { HTTPClient } from '@raft-tooling/demo/cluster/http-client'
import { ControlClient } from '../control/control-client.ts'
import type { Kind } from '../control/protocol.ts'
import { commandOf, kindOf, type Program } from './programs.ts'

/** Where a server lives. */
export interface PeerPlace {
  readonly id: string
  /** Where the others reach it: what the configuration says. */
  readonly address: string
  /** Where it listens, if something stands in between. */
  readonly bind?: string
  readonly folder: string
}

/** One line that a server wrote of itself. */
export interface TraceEvent {
  readonly event: string
  readonly at: number
  readonly state?: string
  readonly leader?: string
  readonly term?: number
  readonly error?: string
}

const living = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

/** A server as a process, which can be stopped, killed, and started again in the same place, even as another program. */
export class PeerProcess {
  readonly place: PeerPlace
  readonly events: TraceEvent[] = []
  #program: Program
  readonly #http: HTTPClient
  readonly #flags: readonly string[]
  #child: ChildProcess | undefined
  #control: ControlClient | undefined
  #paused = false

  constructor(place: PeerPlace, program: Program, flags: readonly string[], http: HTTPClient) {
    this.place = place
    this.#program = program
    this.#flags = flags
    this.#http = http
  }

  get id(): string {
    return this.place.id
  }

  get address(): string {
    return this.place.address
  }

  get kind(): Kind {
    return kindOf(this.#program)
  }

  get program(): Program {
    return this.#program
  }

  /** Of the process that runs, if one does. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  get running(): boolean {
    return this.#child !== undefined
  }

  /** Runs and is not held by SIGSTOP. */
  get awake(): boolean {
    return this.running && !this.#paused
  }

  get paused(): boolean {
    return this.#paused
  }

  get logFile(): string {
    return join(this.place.folder, `${this.#program}.log`)
  }

  /** Asks the server; it must be running. */
  get control(): ControlClient {
    if (this.#control === undefined) throw new Error(`${this.id} is not running`)
    return this.#control
  }

  /** Starts it and resolves once it answers. */
  async start(extra: readonly string[] = []): Promise<void> {
    const { id, address, folder, bind = address } = this.place
    mkdirSync(folder, { recursive: true })
    const log = openSync(this.logFile, 'a')
    const [command, ...first] = await commandOf(this.#program)
    const flags = [`--id=${id}`, `--raft=${bind}`, `--advertise=${address}`, '--stop-with-parent']
    const all = [...first, ...flags, ...this.#flags.map((flag) => flag.replace('{folder}', folder)), ...extra]
    const child = spawn(command, all, { detached: true, stdio: ['pipe', 'pipe', log] })
    closeSync(log)
    this.#child = child
    living.add(child)
    child.stdin?.on('error', () => undefined)
    child.once('exit', (code, signal) => {
      living.delete(child)
      this.events.push({ event: 'exit', at: Date.now(), error: String(code ?? signal) })
      if (this.#child !== child) return
      this.#child = undefined
      this.#paused = false
    })
    this.#control = new ControlClient(this.#http, await this.#ready(child))
  }

  /** As a power cut would end it. */
  async kill(): Promise<void> {
    await this.#gone(() => this.#child?.kill('SIGKILL'))
  }

  /** Asks it to stop, and waits until it has. It is killed if that takes too long. */
  async stop(within = 20_000): Promise<void> {
    const { control } = this
    const alarm = setTimeout(() => this.#child?.kill('SIGKILL'), within)
    try {
      await this.#gone(() => void control.stop().catch(() => undefined))
    } finally {
      clearTimeout(alarm)
    }
  }

  pause(): void {
    this.#paused = this.#child?.kill('SIGSTOP') ?? false
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
    this.#paused = false
  }

  /** From the next start on it is another program, with the same place. */
  become(program: Program): void {
    this.#program = program
  }

  /** The last lines of its log. */
  lastWords(lines = 15): string {
    try {
      return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
    } catch {
      return ''
    }
  }

  #ready(child: ChildProcess): Promise<string> {
    return new Promise((resolve, reject) => {
      const alarm = setTimeout(() => reject(new Error(`${this.id} did not start in time`)), 30_000)
      child.once('exit', () => {
        clearTimeout(alarm)
        reject(new Error(`${this.id} did not start:\n${this.lastWords()}`))
      })
      child.once('error', reject)
      createInterface({ input: child.stdout! }).on('line', (line) => {
        const event = JSON.parse(line) as TraceEvent & { readonly control?: string }
        this.events.push(event)
        if (process.env['RAFT_INTEROP_TRACE'] !== undefined) console.error(`${this.id} ${line}`)
        if (event.control === undefined) return
        clearTimeout(alarm)
        resolve(event.control)
      })
    })
  }

  async #gone(end: () => void): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    const exit = once(child, 'exit')
    end()
    await exit
    if (this.#child === child) this.#child = undefined
    this.#paused = false
  }
}
