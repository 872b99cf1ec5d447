import { votersOf } from '../checks/configurations.ts'
import type { SeededRandom } from '../world/random.ts'
import { PATIENCE } from './clients.ts'
import { isMembershipChanging } from './membership.ts'
import { configurationsOf, majorityAmong } from './quorum.ts'
import type { SimulatedServer } from './simulated-server.ts'
import type { Simulation } from './simulation.ts'

/**
 * Election timeouts within which healed servers answer a client again. A follower waits for two at most, so this is five
 * rounds of an election; half of the runs need one timeout, and one in a hundred needs four or more.
 */
const RECOVERY = 10

/**
 * The same without pre-votes: a server whose log is too old to win comes first in half of the rounds, takes everybody
 * into a newer term, and so makes the others wait anew.
 */
const RECOVERY_WITHOUT_PRE_VOTE = 30

/** Election timeouts within which, after that, everybody has everything. */
const CONVERGENCE = 10

/** Heartbeat timeouts after which a leader gives up a snapshot whose bytes, or whose answer, were lost. */
const LOST_SNAPSHOT = 10

/** Election timeouts for which a healed cluster is watched: nobody may campaign. */
const QUIET = 10

/** The end of a run: some servers or all are well again, and must get on by themselves (L1 to L4). */
export class Settling<R> {
  readonly #simulation: Simulation<R>
  readonly #random: SeededRandom

  constructor(simulation: Simulation<R>, random: SeededRandom) {
    this.#simulation = simulation
    this.#random = random
  }

  /** A majority is healed and the rest stays as broken as it is, or worse: the majority answers (L1, L2). */
  async quorum(): Promise<void> {
    const { faults, servers } = this.#simulation
    faults.stop()
    // What is asked and not begun may take a vote from those who are healed, and nobody knows of it yet.
    if (isMembershipChanging(servers)) return this.#note('the membership is changing: nothing stays broken')
    const core = majorityAmong(this.#random.shuffle(servers), configurationsOf(servers))
    for (const server of servers) if (!core.includes(server)) this.#break(server)
    this.#note(`only ${core.map(({ id }) => id).join(', ')} are healed`)
    faults.heal(core)
    await this.#answers(core)
    await this.#quiet(core, 2, 'L2')
  }

  /** Everything is healed: the cluster answers, comes to rest with one state (L1, L3), and nobody campaigns (L4). */
  async everything(): Promise<void> {
    const { faults, servers, clients } = this.#simulation
    this.#note('everything is healed')
    faults.heal()
    clients.stop()
    await this.#answers(servers.filter(({ retired, disk }) => !retired && !disk.isDamaged))
    this.#endWindow()
    await this.#within('L3', CONVERGENCE, PATIENCE, 'has not come to rest', () => clients.isIdle && this.#isSettled())
    await this.#quiet(servers, 0, 'L4')
  }

  /**
   * A server that has a restore which was lost keeps it until its leader sends a snapshot that contradicts it: that is
   * the window. So a leader is asked for one, as any leader takes one sooner or later. Once the cluster answers, since by
   * then all servers run again, and there is something new to take.
   */
  #endWindow(): void {
    const { servers } = this.#simulation
    if (!this.#areAstray()) return
    for (const { isLeading, process, calls } of servers) {
      if (isLeading) process?.run(() => calls?.ask('snapshot', (raft) => raft.snapshot()))
    }
  }

  /** Whether some server has a restore that is not committed. */
  #areAstray(): boolean {
    return this.#simulation.servers.some((server) => this.#isAstray(server))
  }

  #isAstray({ inspection }: SimulatedServer<R>): boolean {
    const { restores } = this.#simulation.checks.ledger
    return inspection !== undefined && restores.isProvisional(inspection.snapshot)
  }

  /** Whether so many voters have a restore that is not committed that the others are no majority. */
  #areKeptApart(): boolean {
    const { servers } = this.#simulation
    const leader = servers.find(({ isLeading }) => isLeading)
    if (leader?.inspection === undefined) return false
    const voters = votersOf(leader.inspection.latestConfiguration.configuration)
    const astray = servers.filter((server) => this.#isAstray(server) && voters.some(({ id }) => id === server.id))
    return astray.length * 2 >= voters.length
  }

  /** What is left to whoever has servers that are kept apart: one more restore (`Raft.restore`). */
  #restoreAnew(): void {
    for (const { isLeading, process, calls, disk } of this.#simulation.servers) {
      const file = disk.durableSnapshots[0]
      if (!isLeading || file === undefined) continue
      this.#note('restores that were lost keep the majority apart: a state is given once more')
      process?.run(() => void calls?.restore(file).catch(() => {}))
    }
  }

  /** Whether a majority may have to wait for a snapshot: one that was under way, or that of a restore. */
  #needSnapshots(): boolean {
    const { servers, network } = this.#simulation
    return this.#areAstray() || servers.some(({ address }) => network.at(address)?.isSendingSnapshot === true)
  }

  /** Makes sure that a server is of no use: down, silent, deaf, or stuck. */
  #break(server: SimulatedServer<R>): void {
    const { servers, network } = this.#simulation
    const others = servers.filter((other) => other !== server)
    const kind = this.#random.pick(['down', 'apart', 'deaf', 'mute', 'paused', 'stuck', 'as it is'])
    const deaf = kind === 'deaf' || kind === 'apart'
    const mute = kind === 'mute' || kind === 'apart'
    for (const { address } of others) {
      if (deaf) network.links.cut(address, server.address)
      if (mute) network.links.cut(server.address, address)
    }
    if (kind === 'down') server.crash()
    if (kind === 'paused') server.process?.pause()
    if (kind === 'stuck') server.disk.hang()
    this.#note(`${server.id} stays broken: ${kind}`)
  }

  /** A client of these servers is answered soon. */
  async #answers(servers: readonly SimulatedServer<R>[]): Promise<void> {
    const { clients, clock, recoveries, plan } = this.#simulation
    const { heartbeatTimeout } = servers[0]!.config
    const more = this.#needSnapshots() ? LOST_SNAPSHOT * heartbeatTimeout : 0
    const from = clock.now()
    const probes = this.#simulation.newClients(servers, 2 * this.#electionTimeout)
    clients.stop()
    probes.start(4)
    const done = (): boolean => probes.writes > 0
    const timeouts = plan.config.preVoteDisabled === true ? RECOVERY_WITHOUT_PRE_VOTE : RECOVERY
    const complaint = `has not answered a client: ${idsOf(servers)}`
    if (!(await this.#passes(timeouts, more, done)) && this.#areKeptApart()) {
      this.#restoreAnew()
      await this.#passes(timeouts, more, done)
    }
    this.#demand('L1', complaint, done)
    recoveries.push((clock.now() - from) / this.#electionTimeout)
    probes.stop()
    await this.#simulation.runUntil(() => probes.isIdle)
  }

  /** Terms rise by no more than so many for a while, and one for each copy of an old call to campaign. */
  async #quiet(servers: readonly SimulatedServer<R>[], rise: number, rule: string): Promise<void> {
    const { clock, network, violations, ledger, plan } = this.#simulation
    if (plan.config.preVoteDisabled === true || violations.first !== undefined) return
    const before = ledger.lastTerm
    const { campaignsRepeated } = network
    const end = clock.now() + QUIET * this.#electionTimeout
    await this.#simulation.runUntil(() => clock.now() >= end)
    const text = (): string => `without a reason to, ${idsOf(servers)} go from term ${before} to ${ledger.lastTerm}`
    const told = network.campaignsRepeated - campaignsRepeated
    violations.expect(ledger.lastTerm - before <= rise + told, rule, text)
  }

  async #within(rule: string, timeouts: number, more: number, complaint: string, holds: () => boolean): Promise<void> {
    await this.#passes(timeouts, more, holds)
    this.#demand(rule, complaint, holds)
  }

  #demand(rule: string, complaint: string, holds: () => boolean): void {
    const { violations } = this.#simulation
    const text = (): string => `the healed cluster ${complaint}: ${this.#simulation.describe()}`
    violations.expect(violations.first !== undefined || holds(), rule, text)
  }

  /** Runs until something holds or another rule does not; false if neither is so within the time. */
  async #passes(timeouts: number, more: number, holds: () => boolean): Promise<boolean> {
    const { clock, violations } = this.#simulation
    const end = clock.now() + timeouts * this.#electionTimeout + more
    await this.#simulation.runUntil(() => holds() || clock.now() >= end)
    return violations.first !== undefined || holds()
  }

  get #electionTimeout(): number {
    return this.#simulation.servers[0]!.config.electionTimeout
  }

  #isSettled(): boolean {
    const { servers } = this.#simulation
    const leader = servers.find(({ isLeading }) => isLeading)
    if (leader?.inspection === undefined || leader.raft === undefined) return false
    const { commitIndex, lastIndex } = leader.inspection
    if (commitIndex !== lastIndex) return false
    const members = new Set(leader.raft.getConfiguration().configuration.servers.map(({ id }) => id))
    return servers.every(({ id, inspection, retired, disk }) => {
      const counts = members.has(id) && !retired && !disk.isDamaged
      return !counts || inspection?.appliedIndex === commitIndex
    })
  }

  #note(text: string): void {
    const { trace, clock } = this.#simulation
    trace.note(clock.now(), [111, text.length], () => text)
  }
}

function idsOf(servers: readonly { readonly id: string }[]): string {
  return servers.map(({ id }) => id).join(', ')
}
