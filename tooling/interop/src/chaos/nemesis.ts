import type { SeededRandom } from '@raft/testing'
import type { Cluster } from '../cluster/cluster.ts'
import { pause } from '../cluster/wait.ts'
import type { PeerProcess } from '../peers/peer-process.ts'
import type { Network } from './network.ts'

/** How often what was done. */
export interface FaultCounts {
  kills: number
  pauses: number
  cuts: number
  transfers: number
}

/** So many servers may be down or asleep at a time: with three of five nothing can go on for a while. */
const mostAtOnce = 3

/** Kills, pauses and separates servers, and makes good each of it after a while. */
export class Nemesis {
  readonly counts: FaultCounts = { kills: 0, pauses: 0, cuts: 0, transfers: 0 }
  readonly #cluster: Cluster
  readonly #network: Network
  readonly #random: SeededRandom
  readonly #say: (line: string) => void
  readonly #busy = new Set<PeerProcess>()
  readonly #under = new Set<Promise<void>>()
  #cut = false

  constructor(cluster: Cluster, network: Network, how: { random: SeededRandom; say: (line: string) => void }) {
    this.#cluster = cluster
    this.#network = network
    this.#random = how.random
    this.#say = how.say
  }

  /** Does its worst until the time is over, then makes everything good again. */
  async run(milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds
    while (performance.now() < end) {
      await pause(this.#random.between(300, 2_000))
      const fault = this.#draw()
      if (fault === undefined) continue
      this.#under.add(fault)
      void fault.finally(() => this.#under.delete(fault))
    }
    await Promise.all(this.#under)
  }

  #draw(): Promise<void> | undefined {
    const dice = this.#random.next()
    if (dice < 0.3) return this.#separate()
    if (dice < 0.38) return this.#handOver()
    const victim = this.#victim()
    if (victim === undefined) return undefined
    return dice < 0.69 ? this.#kill(victim) : this.#stun(victim)
  }

  /** One that leads, or thinks so, as often as any of the others. */
  #victim(): PeerProcess | undefined {
    if (this.#busy.size >= mostAtOnce) return undefined
    const free = this.#cluster.awake.filter((peer) => !this.#busy.has(peer))
    const leading = free.filter((peer) => peer.events.findLast(({ event }) => event === 'state')?.state === 'Leader')
    const choice = leading.length > 0 && this.#random.chance(0.5) ? leading : free
    return choice.length === 0 ? undefined : this.#random.pick(choice)
  }

  async #kill(peer: PeerProcess): Promise<void> {
    this.counts.kills++
    this.#say(`kill ${peer.id}`)
    this.#busy.add(peer)
    this.#network.close(peer.address)
    await peer.kill()
    await pause(this.#random.between(100, 3_000))
    await peer.start()
    await this.#network.open(peer.address)
    this.#busy.delete(peer)
  }

  async #stun(peer: PeerProcess): Promise<void> {
    this.counts.pauses++
    this.#say(`pause ${peer.id}`)
    this.#busy.add(peer)
    peer.pause()
    await pause(this.#random.between(100, 4_000))
    peer.resume()
    this.#busy.delete(peer)
  }

  async #separate(): Promise<void> {
    if (this.#cut) return
    this.counts.cuts++
    this.#cut = true
    const { peers } = this.#cluster
    const size = this.#random.pick([1, 1, 2])
    const [apart, rest] = split(this.#random.shuffle(peers), size)
    // Now and then only one link, so that two servers cannot hear each other and all others can hear both.
    const far = this.#random.chance(0.2) ? rest.slice(0, 1) : rest
    const sharp = this.#random.chance(0.5)
    this.#say(
      `cut ${apart.map(({ id }) => id).join(' ')} | ${far.map(({ id }) => id).join(' ')}${sharp ? ' sharp' : ''}`,
    )
    for (const one of apart) for (const other of far) this.#network.cut(one.address, other.address, sharp)
    await pause(this.#random.between(300, 5_000))
    this.#network.mend()
    this.#cut = false
  }

  async #handOver(): Promise<void> {
    this.counts.transfers++
    const leading = await this.#cluster.leader(undefined, 500).catch(() => undefined)
    await leading?.control.transfer().catch(() => undefined)
  }
}

function split<T>(items: readonly T[], size: number): [T[], T[]] {
  return [items.slice(0, size), items.slice(size)]
}
