import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Status } from '../http/report-routes.ts'
import { HTTPClient } from './http-client.ts'
import { NodeProcess, type NodePlace } from './node-process.ts'

/** Where the ports of a cluster begin: HTTP at base + 1, base + 2, …, the nodes among themselves at base + 11, … */
export const portsOfCluster = 20

/** What a cluster is made of. */
export interface ClusterOptions {
  readonly folder: string
  readonly portBase: number
  readonly size: number
  /** Parameters of every node. */
  readonly parameters?: readonly string[]
}

/** A leader, as it told itself. */
export interface LeaderFound {
  readonly node: NodeProcess
  readonly status: Status
}

/** Some nodes on this machine, each in a process of its own. */
export class Cluster {
  readonly nodes: NodeProcess[] = []
  readonly #client = new HTTPClient()
  readonly #options: ClusterOptions

  /** Starts nothing yet. */
  constructor(options: ClusterOptions) {
    this.#options = options
    const places = Array.from({ length: options.size }, (_, at) => this.#place(at + 1))
    const first = places.map(({ id, raft }) => `${id}=${raft}`).join(',')
    for (const place of places) this.nodes.push(this.#node(place, ['--bootstrap', first]))
  }

  get running(): readonly NodeProcess[] {
    return this.nodes.filter((node) => node.running)
  }

  /** The HTTP addresses of all nodes, running or not. */
  get addresses(): readonly string[] {
    return this.nodes.map((node) => node.place.http)
  }

  async start(): Promise<void> {
    await Promise.all(this.nodes.map(async (node) => node.start()))
  }

  /** One more node, which is not started yet and will ask a running one to be let in. */
  add(): NodeProcess {
    const through = this.running[0]?.place.http ?? ''
    const node = this.#node(this.#place(this.nodes.length + 1), ['--join', through])
    this.nodes.push(node)
    return node
  }

  node(id: string): NodeProcess {
    const found = this.nodes.find((node) => node.id === id)
    if (found === undefined) throw new Error(`there is no node ${id}`)
    return found
  }

  /** The node that leads with the highest term above `after`, once all running nodes agree on it. */
  async agreed({ after = 0, within = 10_000 } = {}): Promise<LeaderFound> {
    return until('a leader that all running nodes know', within, async () => {
      const statuses = await Promise.all(this.running.map((node) => statusOf(node)))
      const leader = leaderAmong(statuses, after)
      if (leader === undefined) return undefined
      const known = statuses.every((status) => status?.leader?.id === leader.id && status.leader.http !== undefined)
      return known ? { node: this.node(leader.id), status: leader } : undefined
    })
  }

  /** The first node that says it leads in a term above `after`. */
  async elected({ after = 0, within = 10_000 } = {}): Promise<LeaderFound> {
    return until('a leader', within, async () => {
      const leader = leaderAmong(await Promise.all(this.running.map((node) => statusOf(node))), after)
      return leader && { node: this.node(leader.id), status: leader }
    })
  }

  /** Waits until these nodes, by default all that run, have applied everything that the leader had in its log. */
  async caughtUp(nodes: readonly NodeProcess[] = this.running, within = 30_000): Promise<number> {
    const { node } = await this.agreed({ within })
    const { appliedIndex } = await node.admin<{ appliedIndex: number }>('barrier')
    await until(`${nodes.map(({ id }) => id).join(', ')} to have applied ${appliedIndex}`, within, async () => {
      const statuses = await Promise.all(nodes.map((each) => statusOf(each)))
      return statuses.every((status) => status !== undefined && status.appliedIndex >= appliedIndex) || undefined
    })
    return appliedIndex
  }

  /** Asks all to stop, and resolves with the exit status of each. */
  async stop(): Promise<ReadonlyMap<string, number | string>> {
    const ends = await Promise.all(this.running.map(async (node) => [node.id, await node.stop()] as const))
    return new Map(ends)
  }

  /** Ends all at once, whatever they are doing. */
  async kill(): Promise<void> {
    await Promise.all(this.running.map(async (node) => node.kill()))
    this.#client.close()
  }

  #node(place: NodePlace, parameters: readonly string[]): NodeProcess {
    return new NodeProcess(place, [...(this.#options.parameters ?? []), ...parameters], this.#client)
  }

  #place(number: number): NodePlace {
    const { portBase, folder } = this.#options
    const id = `n${number}`
    const raft = `127.0.0.1:${portBase + 10 + number}`
    return { id, raft, http: `127.0.0.1:${portBase + number}`, folder: join(folder, id) }
  }
}

async function statusOf(node: NodeProcess): Promise<Status | undefined> {
  return node.status().catch(() => undefined)
}

function leaderAmong(statuses: readonly (Status | undefined)[], after: number): Status | undefined {
  const leading = statuses.filter((status) => status?.state === 'Leader' && status.term > after)
  return leading.sort((a, b) => (b?.term ?? 0) - (a?.term ?? 0))[0]
}

/** Asks again and again until there is an answer. */
export async function until<T>(what: string, within: number, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + within
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > deadline) throw new Error(`waited ${within / 1_000} s for ${what}`)
    await pause(10)
  }
}
