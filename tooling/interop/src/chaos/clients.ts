import { NoReply } from '@raft-tooling/demo/cluster/http-client'
import { History, type SeededRandom } from '@raft/testing'
import type { Cluster } from '../cluster/cluster.ts'
import { pause } from '../cluster/wait.ts'
import type { Applied } from '../control/protocol.ts'
import type { PeerProcess } from '../peers/peer-process.ts'
import type { Input, Output } from './model.ts'

/** How many operations ended in which way. */
export interface Counts {
  done: number
  /** Certainly never happened. */
  rejected: number
  /** May have happened. */
  unknown: number
}

const keys = 40
/** How long a client waits for an answer before it gives up, in milliseconds. */
const patience = 3_000

/** Clients that read and write through the log, one operation at a time each, and note what they are told. */
export class Clients {
  readonly counts: Counts = { done: 0, rejected: 0, unknown: 0 }
  readonly #history = new History<Input, Output>()
  readonly #cluster: Cluster
  readonly #random: SeededRandom
  readonly #running: Promise<void>[]
  #leader: string | undefined
  #clients = 0
  #values = 0
  #stopped = false

  constructor(cluster: Cluster, random: SeededRandom, count: number) {
    this.#cluster = cluster
    this.#random = random
    this.#running = Array.from({ length: count }, () => this.#run())
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#running)
  }

  get history(): History<Input, Output> {
    return this.#history
  }

  async #run(): Promise<void> {
    let client = this.#clients++
    while (!this.#stopped) {
      const outcome = await this.#operate(client)
      this.counts[outcome]++
      // Whoever does not know what became of its operation is never heard of again.
      if (outcome === 'unknown') client = this.#clients++
      await pause(outcome === 'done' ? this.#random.between(0, 40) : 20)
    }
  }

  async #operate(client: number): Promise<keyof Counts> {
    const input = this.#draw()
    const server = this.#choose()
    if (server === undefined) return 'rejected'
    const operation = this.#history.begin(client, input)
    const outcome = await this.#send(server, input, (output) => this.#history.end(operation, output))
    if (outcome === 'rejected') this.#history.drop(operation)
    return outcome
  }

  async #send(server: PeerProcess, input: Input, ended: (output: Output) => void): Promise<keyof Counts> {
    const value = input.op === 'put' ? Buffer.from(input.value).toString('base64') : undefined
    let answer: Applied | undefined
    try {
      const command = { op: input.op, key: input.key, ...(value !== undefined && { value }) }
      ;[answer] = await server.control.ask<Applied[]>('/apply', { commands: [command], timeout: 1_000 }, patience)
    } catch (error) {
      if (this.#leader === server.id) this.#leader = undefined
      return error instanceof NoReply && !error.sent ? 'rejected' : 'unknown'
    }
    if (answer === undefined || 'refused' in answer) throw new Error(`${server.id}: ${JSON.stringify(answer)}`)
    if ('error' in answer) {
      this.#leader = answer.error.leader === '' ? undefined : answer.error.leader
      return answer.error.outcome
    }
    this.#leader = server.id
    const { entry, existed } = answer
    const held = entry === null ? undefined : Buffer.from(entry.value, 'base64').toString()
    ended({ existed, value: held, version: entry?.version ?? 0 })
    return 'done'
  }

  #draw(): Input {
    const key = `key${this.#random.integer(1, keys)}`
    const dice = this.#random.integer(0, 99)
    if (dice < 50) return { op: 'put', key, value: `v${++this.#values}` }
    return { op: dice < 90 ? 'get' : 'delete', key }
  }

  /** Mostly whoever leads; now and then anyone, also one that no longer does and does not know. */
  #choose(): PeerProcess | undefined {
    const { peers } = this.#cluster
    const known = peers.find(({ id }) => id === this.#leader)
    const server = known !== undefined && this.#random.chance(0.9) ? known : this.#random.pick(peers)
    return server.running ? server : undefined
  }
}
