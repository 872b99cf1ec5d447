import { join } from 'node:path'
import { HTTPClient } from '@raft-tooling/demo/cluster/http-client'
import { freePortBase } from '@raft-tooling/demo/cluster/ports'
import type { Kind, PeerStats } from '../control/protocol.ts'
import { PeerProcess } from '../peers/peer-process.ts'
import type { Program } from '../peers/programs.ts'
import { until } from './wait.ts'

/** How a cluster is made. */
export interface ClusterPlan {
  readonly folder: string
  /** The first servers, all voters. */
  readonly programs: readonly Program[]
  /** Flags of every server, and those of one kind; `{folder}` is the server's own. */
  readonly flags?: readonly string[]
  readonly flagsOf?: (program: Program, place: number) => readonly string[]
  /** Servers are called by their address, as they have to be below protocol version 3. */
  readonly addressIsID?: boolean
  /** Only the first server is told the first configuration; the others hear of it from that one. */
  readonly bootstrapOne?: boolean
  /** Something stands between the servers: from a server's place to where it listens. */
  readonly bind?: (address: string) => Promise<string>
}

/** The quickest that a loaded machine with two cores keeps up with. */
export const timing = ['--heartbeat=400', '--election=400', '--lease=300', '--commit=20'] as const
/** Everything on disk. */
export const durable = ['--data={folder}'] as const

const portsPerCluster = 24

/** Some servers of either kind on this machine. */
export class Cluster {
  readonly peers: PeerProcess[] = []
  readonly folder: string
  readonly #plan: ClusterPlan
  readonly #http = new HTTPClient()
  readonly #portBase: number
  #placed = 0

  private constructor(plan: ClusterPlan, portBase: number) {
    this.#plan = plan
    this.folder = plan.folder
    this.#portBase = portBase
  }

  /** Starts the first servers and waits for a leader. */
  static async start(plan: ClusterPlan): Promise<Cluster> {
    const cluster = new Cluster(plan, await freePortBase(portsPerCluster))
    for (const program of plan.programs) await cluster.add(program)
    await cluster.startAll()
    await cluster.leader()
    return cluster
  }

  /** Makes a server and does not start it. */
  async add(program: Program): Promise<PeerProcess> {
    const place = this.#placed++
    const address = `127.0.0.1:${this.#portBase + place}`
    const id = this.#plan.addressIsID === true ? address : `${String.fromCharCode(97 + place)}-${program}`
    const bind = await this.#plan.bind?.(address)
    const folder = join(this.folder, id.replace(':', '-'))
    const flags = [...(this.#plan.flags ?? timing), ...(this.#plan.flagsOf?.(program, place) ?? [])]
    const peer = new PeerProcess({ id, address, folder, ...(bind && { bind }) }, program, flags, this.#http)
    this.peers.push(peer)
    return peer
  }

  /** Stops a server and forgets it. */
  async drop(peer: PeerProcess): Promise<void> {
    await peer.stop()
    this.peers.splice(this.peers.indexOf(peer), 1)
  }

  /** Starts all that do not run. */
  async startAll(): Promise<void> {
    const first = this.peers.slice(0, this.#plan.programs.length)
    const bootstrap = `--bootstrap=${first.map(({ id, address }) => `${id}=${address}`).join(',')}`
    const told = this.#plan.bootstrapOne === true ? first.slice(0, 1) : first
    const asleep = this.peers.filter((peer) => !peer.running)
    await Promise.all(asleep.map((peer) => peer.start(told.includes(peer) ? [bootstrap] : [])))
  }

  get awake(): readonly PeerProcess[] {
    return this.peers.filter((peer) => peer.awake)
  }

  ofKind(kind: Kind): readonly PeerProcess[] {
    return this.peers.filter((peer) => peer.kind === kind)
  }

  others(peer: PeerProcess): readonly PeerProcess[] {
    return this.peers.filter((each) => each !== peer)
  }

  peer(id: string): PeerProcess {
    const found = this.peers.find((peer) => peer.id === id)
    if (found === undefined) throw new Error(`there is no server ${id}`)
    return found
  }

  /** The server that leads, once all that are awake agree on it. */
  async leader(among: readonly PeerProcess[] = this.awake, within = 15_000): Promise<PeerProcess> {
    return until(
      'a leader that all know',
      async () => {
        const all = await Promise.all(among.map((peer) => peer.control.stats()))
        const leading = all.filter(({ state }) => state === 'Leader').sort((a, b) => b.term - a.term)[0]
        if (leading === undefined) return undefined
        const known = all.every(({ leader, term }) => leader === leading.id && term === leading.term)
        return known ? this.peer(leading.id) : undefined
      },
      within,
    )
  }

  /** Hands leadership to a server, or to one of a kind, unless it has it. */
  async lead(wanted: Kind | PeerProcess): Promise<PeerProcess> {
    const fits = (peer: PeerProcess) => peer === wanted || peer.kind === wanted
    for (let attempt = 0; attempt < 8; attempt++) {
      const leader = await this.leader()
      if (fits(leader)) return leader
      const target = this.awake.find((peer) => fits(peer))
      if (target === undefined) break
      await leader.control.transfer(target.place).catch(() => undefined)
    }
    throw new Error(`leadership cannot be handed to ${typeof wanted === 'string' ? wanted : wanted.id}`)
  }

  /** Waits until all have applied what the leader has, and checks that all have become the same. */
  async settled(among: readonly PeerProcess[] = this.awake, within = 20_000): Promise<void> {
    const leader = await this.leader(among)
    await leader.control.barrier()
    const { commitIndex } = await leader.control.stats()
    const what = `${among.map(({ id }) => id).join(', ')} to hold the same`
    await until(
      what,
      async () => {
        const all = await Promise.all(among.map((peer) => peer.control.stats()))
        if (!all.every(({ appliedIndex }) => appliedIndex >= commitIndex)) return undefined
        const hashes = await Promise.all(among.map(async (peer) => (await peer.control.summary()).hash))
        if (new Set(hashes).size === 1) return true
        throw new Error(`the states differ at ${commitIndex}: ${hashes.map((hash) => hash.slice(0, 8)).join(' ')}`)
      },
      within,
    )
  }

  async statsOfAll(among: readonly PeerProcess[] = this.awake): Promise<readonly PeerStats[]> {
    return Promise.all(among.map((peer) => peer.control.stats()))
  }

  /** Ends all at once, whatever they are doing. */
  async kill(): Promise<void> {
    await Promise.all(this.peers.map((peer) => peer.kill()))
    this.#http.close()
  }
}
