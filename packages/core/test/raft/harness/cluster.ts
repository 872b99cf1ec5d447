import { bootstrapCluster } from '../../../src/raft/bootstrap.ts'
import type { RaftOptions } from '../../../src/raft/options.ts'
import { Raft } from '../../../src/raft/raft.ts'
import { type Config, defaultConfig } from '../../../src/types/config.ts'
import type { Server } from '../../../src/types/configuration.ts'
import { ListMachine } from './list-machine.ts'
import { LoopbackNetwork, type LoopbackTransport } from './loopback.ts'
import { ManualClock } from './manual-clock.ts'
import { MemorySnapshots } from './memory-snapshots.ts'
import { MemoryStore } from './memory-store.ts'

/** One server of a test's cluster. */
export class Member {
  readonly id: string
  config: { -readonly [K in keyof Config]?: Config[K] }
  readonly store = new MemoryStore()
  readonly snapshots = new MemorySnapshots()
  machine = new ListMachine()
  raft!: Raft<number>
  transport!: LoopbackTransport

  constructor(id: string, config: Partial<Config>) {
    this.id = id
    this.config = { ...config }
  }

  /** Starts it on what its stores hold. */
  async start(cluster: Cluster, more: Partial<RaftOptions<number>> = {}): Promise<Raft<number>> {
    this.machine = new ListMachine()
    this.transport = cluster.network.transport(this.id)
    this.raft = await Raft.start({ ...cluster.optionsFor(this), ...more })
    return this.raft
  }
}

/** Real nodes on a manual clock and a network in memory. */
export class Cluster {
  readonly clock = new ManualClock()
  readonly network = new LoopbackNetwork(this.clock)
  readonly members: Member[] = []
  #seed = 1

  /** Starts `size` servers that know each other, named `a`, `b`, `c`. */
  static async start(size: number, config: Partial<Config> = {}): Promise<Cluster> {
    const cluster = new Cluster()
    const servers: Server[] = []
    for (const id of ['a', 'b', 'c', 'd', 'e'].slice(0, size)) servers.push({ suffrage: 'Voter', id, address: id })
    for (const { id } of servers) {
      const member = cluster.add(id, config)
      member.transport = cluster.network.transport(id)
      await bootstrapCluster({ ...cluster.optionsFor(member), configuration: { servers } })
      await member.start(cluster)
    }
    return cluster
  }

  /** Adds a server that is not started. */
  add(id: string, config: Partial<Config> = {}): Member {
    const member = new Member(id, config)
    this.members.push(member)
    return member
  }

  optionsFor(member: Member): RaftOptions<number> {
    return {
      config: { ...defaultConfig(), localID: member.id, ...member.config },
      fsm: member.machine,
      logs: member.store,
      stable: member.store,
      snapshots: member.snapshots,
      transport: member.transport,
      clock: this.clock,
      random: () => this.#random(),
    }
  }

  /** Lets time pass until one of the servers that are not cut off leads and its first entry is applied. */
  async leader(): Promise<Member> {
    const leads = (member: Member): boolean => {
      const { raft } = member
      return raft?.state === 'Leader' && !this.network.cut.has(member.id) && raft.appliedIndex === raft.lastIndex
    }
    await this.clock.until(() => this.members.some(leads))
    return this.members.find(leads)!
  }

  /** Waits for the promise while time passes. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    let settled = false
    const mark = (): void => {
      settled = true
    }
    promise.then(mark, mark)
    await this.clock.until(() => settled)
    return promise
  }

  async stop(): Promise<void> {
    for (const { raft } of this.members) if (raft !== undefined) await this.wait(raft.shutdown())
  }

  #random(): number {
    this.#seed = (this.#seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return this.#seed / 2_147_483_648
  }
}

/** The bytes of a text. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
