import { setTimeout as pause } from 'node:timers/promises'
import { type Cluster } from '../cluster/cluster.ts'
import { type NodeProcess } from '../cluster/node-process.ts'
import { count, seconds } from '../tour/narrator.ts'

/** How many times as likely as another node the leader is to be chosen. */
export const leaderWeight = 3

/** What to kill, and how often. */
export interface KillerOptions {
  readonly cluster: Cluster
  /** Seconds between kills. */
  readonly every: number
  readonly say: (line: string) => void
  /** How many writes have been acknowledged. */
  readonly written: () => number
}

/** Kills a process every so often, and starts it again soon after. */
export class Killer {
  kills = 0
  leaderKills = 0
  readonly #options: KillerOptions

  constructor(options: KillerOptions) {
    this.#options = options
  }

  /** Goes on until this moment of `performance.now()`; every process runs then. */
  async run(until: number): Promise<void> {
    const interval = this.#options.every * 1_000
    const begun = performance.now()
    let next = begun + interval
    while (next <= until) {
      await pause(Math.max(0, next - performance.now()))
      await this.#strike(begun)
      // On a slow machine a node takes longer to come back than the interval is: the next kill waits for that.
      next = Math.max(next + interval, performance.now() + 1_000)
    }
    await pause(Math.max(0, until - performance.now()))
  }

  async #strike(begun: number): Promise<void> {
    const { cluster, say, written } = this.#options
    const leader = await leaderOf(cluster)
    const victim = choose(cluster.running, leader, Math.random())
    if (victim === undefined) return
    this.kills++
    if (victim.id === leader) this.leaderKills++
    await victim.kill()
    const role = victim.id === leader ? 'the leader' : 'a follower'
    say(
      `${seconds(performance.now() - begun).padStart(6)}  ${victim.id} killed, ${role}; ${count(written())} writes so far`,
    )
    await pause(500 + Math.random() * 500)
    await victim.start()
  }
}

/** The victim for a number from [0, 1): one of them at random, the leader `leaderWeight` times as likely as another. */
export function choose(
  nodes: readonly NodeProcess[],
  leader: string | undefined,
  chance: number,
): NodeProcess | undefined {
  const weights = nodes.map(({ id }) => (id === leader ? leaderWeight : 1))
  let left = chance * weights.reduce((sum, weight) => sum + weight, 0)
  return nodes.find((_, at) => (left -= weights[at] ?? 0) < 0)
}

/** The leader as the nodes see it now, if there is one. */
async function leaderOf(cluster: Cluster): Promise<string | undefined> {
  const statuses = await Promise.all(cluster.running.map((node) => node.status().catch(() => undefined)))
  const leading = statuses.filter((status) => status?.state === 'Leader')
  return leading.sort((a, b) => (b?.term ?? 0) - (a?.term ?? 0))[0]?.id
}
