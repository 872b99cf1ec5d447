import { bootstrapCluster, type Configuration, type FSM } from '@raft/core'
import { DiskChecks } from '../checks/disk-checks.ts'
import { Ledger } from '../checks/ledger.ts'
import { MessageChecks } from '../checks/message-checks.ts'
import { NodeChecks } from '../checks/node-checks.ts'
import { Violations } from '../checks/violations.ts'
import type { WatchedServer } from '../checks/watched-server.ts'
import { checkLinearizable } from '../linearizability/check-history.ts'
import { explainVerdict } from '../linearizability/explain.ts'
import { History } from '../linearizability/history.ts'
import { SeededRandom } from '../world/random.ts'
import { SimulatedClock } from '../world/simulated-clock.ts'
import { SimulatedDisk } from '../world/simulated-disk.ts'
import { SimulatedNetwork } from '../world/simulated-network.ts'
import { SimulatedProcess } from '../world/simulated-process.ts'
import type { Trace } from '../world/trace.ts'
import { Clients, PATIENCE } from './clients.ts'
import type { FaultPlan } from './fault-plan.ts'
import { Faults } from './faults.ts'
import { type Scene, SimulatedServer } from './simulated-server.ts'
import type { Workload } from './workload.ts'

/** What a run is made of. */
export interface SimulationOptions<R> {
  readonly seed: number
  readonly plan: FaultPlan
  readonly workload: Workload<FSM<R>>
  readonly trace: Trace
}

/** Heartbeat timeouts within which a healed cluster must have come to rest. */
const SETTLING = 60

/** Events that can happen at one instant; more is a loop. */
const STANDSTILL = 100_000

/** One run: a cluster in a world, clients, faults, and everything that watches them. */
export class Simulation<R> {
  readonly clock = new SimulatedClock()
  readonly network: SimulatedNetwork
  readonly violations = new Violations(() => this.clock.now())
  readonly ledger = new Ledger(this.violations)
  readonly servers: readonly SimulatedServer<R>[]
  readonly clients: Clients<R, unknown, unknown>
  readonly faults: Faults<R>
  readonly #scene: Scene<R>
  readonly #history = new History()
  readonly #nodeChecks: NodeChecks
  readonly #diskChecks = new Map<WatchedServer, DiskChecks>()
  /** Events at the same instant, so far. */
  #standing = 0
  readonly #touched = new Set<SimulatedServer<R>>()

  constructor({ seed, plan, workload, trace }: SimulationOptions<R>) {
    const random = new SeededRandom(seed, 'world')
    const { clock, violations, ledger } = this
    this.network = new SimulatedNetwork({ clock, random, conditions: plan.network, encoded: plan.encoded, trace })
    const { network } = this
    const touched = (server: SimulatedServer<R>): void => void this.#touched.add(server)
    const look = (server: SimulatedServer<R>): void => this.#nodeChecks.look(server)
    this.#scene = { clock, random, network, trace, ledger, violations, plan, workload, touched, look }
    const numbers = Array.from({ length: plan.servers + plan.spares }, (_, at) => at + 1)
    this.servers = numbers.map((number) => this.#makeServer(number))
    const byID = (id: string): WatchedServer | undefined => this.servers.find((server) => server.id === id)
    const byAddress = (address: string): WatchedServer | undefined =>
      this.servers.find((server) => server.address === address)
    const directory = { byID, byAddress }
    this.#nodeChecks = new NodeChecks(directory, ledger, violations)
    const voteOf = (server: WatchedServer): DiskChecks['vote'] => this.#diskChecks.get(server)!.vote
    network.observer = new MessageChecks({ servers: directory, ledger, violations, voteOf })
    this.clients = new Clients(this.#scene, this.servers, this.#history)
    this.faults = new Faults(this.#scene, this.servers)
  }

  /** Runs for a while with faults, then without, until everything has settled. */
  async run(duration: number): Promise<void> {
    await this.#bootstrap()
    for (const server of this.servers) server.start()
    this.clients.start(this.#scene.plan.clients)
    this.faults.start()
    await this.#runUntil(() => this.clock.now() >= duration)
    this.faults.heal()
    await this.#settle()
    await this.#judge()
  }

  #makeServer(number: number): SimulatedServer<R> {
    const { clock, random, plan, ledger, violations } = this.#scene
    const disk = new SimulatedDisk({
      clock,
      random: random.fork(`disk ${number}`),
      kind: plan.diskKind,
      conditions: plan.disk,
    })
    const server = new SimulatedServer<R>(this.#scene, { number, disk })
    const checks = new DiskChecks(server, ledger, violations)
    disk.observer = checks
    this.#diskChecks.set(server, checks)
    return server
  }

  /** Puts the first configuration on the disks of the first members. */
  async #bootstrap(): Promise<void> {
    const members = this.servers.slice(0, this.#scene.plan.servers)
    const configuration: Configuration = {
      servers: members.map(({ id, address }) => ({ suffrage: 'Voter', id, address })),
    }
    for (const server of members) {
      const process = new SimulatedProcess({ name: 'bootstrap', clock: this.clock })
      const transport = this.network.open({ process, address: server.address, timeout: 1_000 })
      const done = bootstrapCluster({ ...server.disk.open(process), config: server.config, transport, configuration })
      await this.clock.run(done)
      process.kill()
    }
  }

  /** Runs until the condition holds or a rule does not. */
  async #runUntil(condition: () => boolean): Promise<void> {
    while (this.violations.first === undefined && !condition()) {
      const before = this.clock.now()
      if (!(await this.clock.step())) return
      this.#standing = this.clock.now() > before ? 0 : this.#standing + 1
      if (this.#standing > STANDSTILL) this.violations.report('L8', `time stands still: ${this.#describe()}`)
      for (const server of this.#touched) {
        this.#nodeChecks.look(server)
        server.checkAlive()
      }
      this.#touched.clear()
    }
  }

  /** With all faults gone there is a leader that commits (L1), and without clients everybody soon has everything (L3). */
  async #settle(): Promise<void> {
    const before = this.ledger.committedThrough
    await this.#within(
      'L1',
      'commits nothing',
      () => this.ledger.committedThrough > before && this.#leader !== undefined,
    )
    this.clients.stop()
    await this.#within('L3', 'has not come to rest', () => this.clients.isIdle && this.#isSettled())
  }

  async #within(rule: string, complaint: string, condition: () => boolean): Promise<void> {
    const end = this.clock.now() + SETTLING * this.servers[0]!.config.heartbeatTimeout + PATIENCE
    await this.#runUntil(() => condition() || this.clock.now() >= end)
    const text = (): string => `the healed cluster ${complaint}: ${this.#describe()}`
    this.violations.expect(this.violations.first !== undefined || condition(), rule, text)
  }

  get #leader(): SimulatedServer<R> | undefined {
    return this.servers.find((server) => server.isLeading)
  }

  #isSettled(): boolean {
    const leader = this.#leader
    if (leader?.inspection === undefined || leader.raft === undefined) return false
    const { commitIndex, lastIndex } = leader.inspection
    if (commitIndex !== lastIndex) return false
    const members = new Set(leader.raft.getConfiguration().configuration.servers.map(({ id }) => id))
    return this.servers.every(({ id, inspection }) => !members.has(id) || inspection?.appliedIndex === commitIndex)
  }

  #describe(): string {
    return this.servers
      .map(({ id, inspection, isUp }) => {
        if (inspection === undefined) return `${id} ${isUp ? 'starting' : 'down'}`
        const { state, term, lastIndex, commitIndex, appliedIndex } = inspection
        return `${id} ${state} term ${term} last ${lastIndex} commit ${commitIndex} applied ${appliedIndex}`
      })
      .join('; ')
  }

  /** What can only be judged at the end. */
  async #judge(): Promise<void> {
    if (this.violations.first !== undefined) return
    this.ledger.close()
    const { model, judge } = this.#scene.workload
    await judge?.((rule, text) => this.violations.report(rule, text))
    if (model === undefined) return
    const verdict = checkLinearizable(this.#history.operations, model)
    this.violations.expect(verdict.result !== 'impossible', 'R1', () => explainVerdict(verdict, model))
  }
}
