import { bootstrapCluster, type Configuration, type FSM } from '@raft/core'
import { Checks } from '../checks/checks.ts'
import type { Ledger } from '../checks/ledger.ts'
import type { Violations } from '../checks/violations.ts'
import { checkLinearizable, type LinearizabilityVerdict } from '../linearizability/check-history.ts'
import { explainVerdict } from '../linearizability/explain.ts'
import { History, type Model } from '../linearizability/history.ts'
import { SeededRandom } from '../world/random.ts'
import { SimulatedClock } from '../world/simulated-clock.ts'
import { SimulatedDisk } from '../world/simulated-disk.ts'
import { SimulatedNetwork } from '../world/simulated-network.ts'
import { SimulatedProcess } from '../world/simulated-process.ts'
import type { Trace } from '../world/trace.ts'
import { Clients } from './clients.ts'
import type { FaultPlan } from './fault-plan.ts'
import { type Stretch, stretchesOf } from './epochs.ts'
import { Faults } from './faults.ts'
import { type Scene, SimulatedServer } from './simulated-server.ts'
import { Settling } from './settling.ts'
import type { Workload } from './workload.ts'

/** What a run is made of. */
export interface SimulationOptions<R> {
  readonly seed: number
  readonly plan: FaultPlan
  readonly workload: Workload<FSM<R>>
  readonly trace: Trace
}

/** Events that can happen at one instant; more is a loop. */
const STANDSTILL = 100_000

/** One run: a cluster in a world, clients, faults, and everything that watches them. */
export class Simulation<R> {
  readonly clock = new SimulatedClock()
  readonly network: SimulatedNetwork
  readonly checks: Checks
  readonly servers: readonly SimulatedServer<R>[]
  readonly clients: Clients<R, unknown, unknown>
  readonly faults: Faults<R>
  readonly plan: FaultPlan
  readonly trace: Trace
  /** Election timeouts that passed until healed servers answered a client again. */
  readonly recoveries: number[] = []
  readonly #scene: Scene<R>
  /** What was found of the history of all clients; undefined until it is looked at. */
  verdict: LinearizabilityVerdict['result'] | undefined
  readonly #history = new History()
  readonly #servers: SimulatedServer<R>[] = []
  #groups = 0
  /** Events at the same instant, so far. */
  #standing = 0
  readonly #touched = new Set<SimulatedServer<R>>()

  constructor({ seed, plan, workload, trace }: SimulationOptions<R>) {
    const random = new SeededRandom(seed, 'world')
    const { clock } = this
    this.plan = plan
    this.trace = trace
    this.servers = this.#servers
    this.checks = new Checks(
      {
        byID: (id) => this.#servers.find((server) => server.id === id),
        byAddress: (address) => this.#servers.findLast((server) => server.address === address),
      },
      () => clock.now(),
    )
    this.network = new SimulatedNetwork({ clock, random, conditions: plan.network, encoded: plan.encoded, trace })
    this.checks.watchNetwork(this.network)
    const { network, checks } = this
    this.#scene = {
      clock,
      random,
      network,
      trace,
      checks,
      plan,
      workload,
      touched: (server) => void this.#touched.add(server),
      addServer: (address) => this.#addServer(address),
    }
    for (let number = 1; number <= plan.servers + plan.spares; number++) this.#addServer(`a${number}`)
    checks.ledger.restores.mark = () => this.#history.now
    this.clients = new Clients(this.#scene, this.servers, { history: this.#history })
    this.faults = new Faults(this.#scene, this.servers)
  }

  get violations(): Violations {
    return this.checks.violations
  }

  get ledger(): Ledger {
    return this.checks.ledger
  }

  /** Runs for a while with faults, then without, until everything has settled. */
  async run(duration: number): Promise<void> {
    await this.begin()
    this.clients.start(this.plan.clients)
    this.faults.start()
    await this.runUntil(() => this.clock.now() >= duration)
    const settling = new Settling(this, this.#scene.random.fork('settling'))
    if (this.plan.healed === 'quorum') await settling.quorum()
    await settling.everything()
    await this.judge()
  }

  /** Gives the first members their configuration, and starts all servers. */
  async begin(): Promise<void> {
    await this.#bootstrap()
    for (const server of this.#servers) server.start()
    await this.clock.settle()
  }

  /** Clients that begin with some of the servers, and are patient for so many milliseconds. Their history is the same. */
  newClients(servers: readonly SimulatedServer<R>[], patience: number): Clients<R, unknown, unknown> {
    this.#groups += 1
    const options = { history: this.#history, all: this.#servers, group: this.#groups, patience }
    return new Clients(this.#scene, servers, options)
  }

  /** The history, divided at restores. */
  async #stretches(model: Model<unknown, unknown, unknown>): Promise<readonly Stretch[]> {
    const { operations } = this.#history
    const { epochs } = this.ledger.restores
    const { workload } = this.#scene
    if (epochs.length === 0) return [{ operations, model }]
    const host = { server: 'the judge', clock: this.clock, report: () => {} }
    const stateOf = (fsm: FSM, key: string): unknown => workload.stateOf?.(fsm as FSM<R>, key)
    return await stretchesOf({ operations, model, epochs, machine: () => workload.fsm(host), stateOf })
  }

  #addServer(address: string): SimulatedServer<R> {
    const { clock, random, plan, checks } = this.#scene
    const number = this.#servers.length + 1
    const disk = new SimulatedDisk({
      clock,
      random: random.fork(`disk ${number}`),
      kind: plan.diskKind,
      conditions: plan.disk,
    })
    const server = new SimulatedServer<R>(this.#scene, { number, address, disk })
    checks.watchDisk(server, disk)
    this.#servers.push(server)
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
  async runUntil(condition: () => boolean): Promise<void> {
    while (this.violations.first === undefined && !condition()) {
      const before = this.clock.now()
      if (!this.clock.fire()) return
      await this.clock.settle()
      this.#standing = this.clock.now() > before ? 0 : this.#standing + 1
      if (this.#standing > STANDSTILL) this.violations.report('L8', `time stands still: ${this.describe()}`)
      for (const server of this.#touched) {
        this.checks.look(server)
        server.checkAlive()
      }
      this.#touched.clear()
    }
  }

  /** All servers in one line. */
  describe(): string {
    return this.servers
      .map(({ id, inspection, isUp }) => {
        if (inspection === undefined) return `${id} ${isUp ? 'starting' : 'down'}`
        const { state, term, lastIndex, lastTerm, commitIndex, appliedIndex, latestConfiguration } = inspection
        return (
          `${id} ${state} term ${term} last ${lastIndex}/${lastTerm} commit ${commitIndex} applied ${appliedIndex} ` +
          `members ${membersOf(latestConfiguration.configuration)} of ${latestConfiguration.index}`
        )
      })
      .join('; ')
  }

  /** What can only be judged at the end. */
  async judge(): Promise<void> {
    if (this.violations.first !== undefined) return
    this.checks.close()
    const { model, judge } = this.#scene.workload
    await judge?.((rule, text) => this.violations.report(rule, text))
    if (model === undefined) return
    for (const stretch of await this.#stretches(model)) {
      const verdict = checkLinearizable(stretch.operations, stretch.model)
      if (this.verdict !== 'impossible') this.verdict = verdict.result
      this.violations.expect(verdict.result !== 'impossible', 'R1', () => explainVerdict(verdict, stretch.model))
    }
  }
}

function membersOf({ servers }: Configuration): string {
  return `[${servers.map(({ id, address, suffrage }) => `${id}@${address}${suffrage === 'Voter' ? '' : ` ${suffrage}`}`).join(' ')}]`
}
