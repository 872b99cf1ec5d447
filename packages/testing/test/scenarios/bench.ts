import assert from 'node:assert/strict'
import {
  bootstrapCluster,
  type Config,
  type FSM,
  type LogStore,
  type Logger,
  Raft,
  type Server,
  type ServerSuffrage,
  type StableStore,
} from '@raft/core'
import { InmemSnapshotStore, InmemStore } from '@raft/store-inmem'
import { inmemConfig, InmemTransport, MockFSM, SeededRandom, SimulatedClock } from '../../src/index.ts'

/** Virtual milliseconds after which whatever a test waits for has failed. */
const LONG_STOP = 30_000

/** What a member may bring of its own. */
export interface MemberOptions {
  readonly config?: Partial<Config>
  readonly logs?: (store: InmemStore) => LogStore
  readonly stable?: (store: InmemStore) => StableStore
  readonly fsm?: () => MockFSM
  readonly logger?: Logger
}

/** How a bench is set up. `suffrages` gives the members' places in the configuration; all are voters without it. */
export interface BenchOptions extends MemberOptions {
  readonly seed?: number
  readonly suffrages?: readonly (ServerSuffrage | 'absent')[]
  readonly bootstrap?: boolean
}

/** One server, which may be stopped and started again on what it keeps. Its ID is its address. */
export class Member {
  readonly id: string
  readonly store = new InmemStore()
  readonly snapshots = new InmemSnapshotStore()
  options: MemberOptions
  fsm = new MockFSM()
  transport!: InmemTransport
  raft!: Raft<number>

  constructor(id: string, options: MemberOptions) {
    this.id = id
    this.options = options
  }

  get peer(): { readonly id: string; readonly address: string } {
    return { id: this.id, address: this.id }
  }

  /** The commands that the state machine has, as text. */
  get commands(): string[] {
    return this.fsm.logs().map((bytes) => new TextDecoder().decode(bytes))
  }

  get logs(): LogStore {
    return this.options.logs?.(this.store) ?? this.store
  }

  get config(): Config {
    return { ...inmemConfig(), ...this.options.config, localID: this.id }
  }
}

/** Real nodes on simulated time, which can be cut off, stopped and started again. */
export class Bench implements AsyncDisposable {
  readonly clock = new SimulatedClock()
  readonly members: Member[] = []
  readonly #random: () => number

  private constructor(seed: number) {
    this.#random = new SeededRandom(seed).next
  }

  static async start(size: number, { seed = 1, suffrages, bootstrap = true, ...more }: BenchOptions = {}) {
    const bench = new Bench(seed)
    for (const id of 'abcdefghij'.slice(0, size)) bench.members.push(new Member(id, more))
    const servers = bench.servers(suffrages)
    for (const member of bench.members) {
      if (bootstrap && suffrages?.[bench.members.indexOf(member)] !== 'absent') {
        await bootstrapCluster({ ...bench.partsOf(member), configuration: { servers } })
      }
      await bench.launch(member)
    }
    return bench
  }

  /** All members, or those that are not absent, as a configuration names them. */
  servers(suffrages: readonly (ServerSuffrage | 'absent')[] = []): Server[] {
    return this.members.flatMap(({ peer }, at) => {
      const suffrage = suffrages[at] ?? 'Voter'
      return suffrage === 'absent' ? [] : [{ suffrage, ...peer }]
    })
  }

  /** What a member is started with, or looked at offline. Its transport is new. */
  partsOf(member: Member) {
    member.transport = new InmemTransport({ address: member.id, clock: this.clock })
    const { store, snapshots, config, logs, transport } = member
    return { config, logs, stable: member.options.stable?.(store) ?? store, snapshots, transport }
  }

  /** Starts a member with an empty state machine on what its stores hold, connected to all. */
  async launch(member: Member, config: Partial<Config> = {}, logger = member.options.logger): Promise<Raft<number>> {
    member.options = { ...member.options, config: { ...member.options.config, ...config } }
    member.fsm = member.options.fsm?.() ?? new MockFSM()
    const fsm: FSM<number> = member.fsm
    const parts = this.partsOf(member)
    member.raft = await Raft.start({ ...parts, fsm, logger, clock: this.clock, random: this.#random })
    this.heal(member.id)
    return member.raft
  }

  /** Adds a server that nobody knows yet. */
  async join(id: string, options: MemberOptions = {}): Promise<Member> {
    const member = new Member(id, options)
    this.members.push(member)
    await this.launch(member)
    return member
  }

  async stop(member: Member): Promise<void> {
    await this.settle(member.raft.shutdown())
  }

  async restart(member: Member, config: Partial<Config> = {}): Promise<Raft<number>> {
    await this.stop(member)
    return this.launch(member, config)
  }

  member(id: string): Member {
    return this.members.find((member) => member.id === id)!
  }

  /** Waits until one member leads, the others that it reaches know it, and its first entry is applied. */
  async leader(): Promise<Member> {
    const found = (): Member | undefined => {
      const [leader, ...others] = this.members.filter(({ raft }) => raft.state === 'Leader')
      if (leader === undefined || others.length > 0 || leader.raft.appliedIndex < leader.raft.lastIndex)
        return undefined
      const knows = (member: Member): boolean => member.raft.leader?.id === leader.id
      return this.#near(leader).every((member) => knows(member) || !this.#inConfiguration(leader, member))
        ? leader
        : undefined
    }
    await this.until(() => found() !== undefined, 'there is one leader')
    return found()!
  }

  /** Waits for a leader and gives the others that run. */
  async others(): Promise<Member[]> {
    const leader = await this.leader()
    return this.members.filter((member) => member !== leader && member.raft.state !== 'Shutdown')
  }

  /** Applies commands on a member, all at once, and waits for the answers. */
  async apply(member: Member, count: number, text = 'command'): Promise<number[]> {
    const all = Array.from({ length: count }, (_, at) => member.raft.apply(bytes(`${text} ${at}`)))
    return (await this.settle(Promise.all(all))).map(({ index }) => index)
  }

  /** Closes all ways between some members and the rest. */
  cut(...apart: Member[]): void {
    for (const one of this.members) {
      for (const other of this.members) {
        if (apart.includes(one) !== apart.includes(other)) one.transport.disconnect(other.id)
      }
    }
  }

  /** Opens all ways, or all ways to and from one. */
  heal(id?: string): void {
    for (const one of this.members) {
      for (const other of this.members) {
        const both = one.transport !== undefined && other.transport !== undefined && one !== other
        if (both && (id === undefined || id === one.id || id === other.id))
          one.transport.connect(other.id, other.transport)
      }
    }
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    assert.ok(await this.clock.until(condition, LONG_STOP), `waited in vain until ${what}`)
  }

  settle<T>(promise: PromiseLike<T>): Promise<T> {
    return this.clock.run(promise, LONG_STOP)
  }

  /** Waits until the state machines of the members have the same commands. */
  async same(members = this.members, count?: number): Promise<string[]> {
    const lists = (): string[] => members.map(({ commands }) => JSON.stringify(commands))
    const enough = (): boolean => count === undefined || members[0]!.commands.length === count
    await this.until(() => new Set(lists()).size === 1 && enough(), `all have the same ${count ?? ''} commands`)
    return members[0]!.commands
  }

  /** Waits until the members have the same newest configuration, and gives it as text: `a:Voter b:Nonvoter`. */
  async samePeers(members = this.members): Promise<string> {
    await this.until(() => new Set(members.map(peersOf)).size === 1, 'all have the same configuration')
    return peersOf(members[0]!)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const member of this.members) await this.stop(member)
  }

  #near({ transport, id }: Member): Member[] {
    return this.members.filter(
      (member) =>
        member.raft.state !== 'Shutdown' &&
        (member.id === id || (transport.isConnected(member.id) && member.transport.isConnected(id))),
    )
  }

  #inConfiguration({ raft }: Member, { id }: Member): boolean {
    return raft.getConfiguration().configuration.servers.some((server) => server.id === id)
  }
}

/** A member's newest configuration as text. */
export function peersOf({ raft }: Member): string {
  const { servers } = raft.getConfiguration().configuration
  return servers.map(({ id, suffrage }) => `${id}:${suffrage}`).join(' ')
}

/** The bytes of a text. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** What became of a call, as text; it never rejects. */
export function fate(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'resolved',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  )
}
