import type { Violation } from '../checks/violations.ts'
import { SeededRandom } from '../world/random.ts'
import { Trace } from '../world/trace.ts'
import type { ClientCounts } from './clients.ts'
import type { FaultPlan } from './fault-plan.ts'
import type { FaultCounts } from './faults.ts'
import { type ProfileName, profiles } from './profiles.ts'
import { registerWorkload } from './register-workload.ts'
import { Simulation } from './simulation.ts'
import type { Workload } from './workload.ts'

/** What a run is to be. */
export interface SimulateOptions<R = unknown> {
  /** Decides everything. The same seed is the same run. */
  readonly seed: number
  /** How faults are chosen. Default `mixed`. */
  readonly profile?: ProfileName | undefined
  /** Virtual milliseconds with faults; then come some without. Default 60,000. */
  readonly duration?: number | undefined
  /** What clients do, and the state machine. Default: registers. */
  readonly workload?: Workload<R> | undefined
  /** Changes the plan that the seed made. */
  readonly adjust?: ((plan: FaultPlan) => FaultPlan) | undefined
  /** Gets the story, a line for each event. */
  readonly tell?: ((line: string) => void) | undefined
}

/** What a run was. */
export interface SimulationReport {
  readonly seed: number
  readonly profile: ProfileName
  /** Stands for everything that happened: the same in every run of the seed. */
  readonly hash: string
  readonly events: number
  /** Virtual milliseconds. */
  readonly duration: number
  readonly servers: number
  readonly elections: number
  readonly committed: number
  readonly operations: Readonly<ClientCounts>
  readonly faults: FaultCounts
  readonly messages: { readonly sent: number; readonly lost: number; readonly repeated: number }
  /** What went wrong, if anything did; the first is the one to look at. */
  readonly violations: readonly Violation[]
}

/** A run in which a rule did not hold. */
export class SimulationError extends Error {
  readonly report: SimulationReport

  constructor(report: SimulationReport) {
    const [{ rule, text, at }] = report.violations as readonly [Violation]
    super(`${rule} at ${at.toFixed(3)} ms: ${text}\nReplay it with: ${replayLine(report)}`)
    this.report = report
  }

  override get name(): string {
    return 'SimulationError'
  }
}

/** The command that repeats a run. */
export function replayLine({ seed, profile }: Pick<SimulationReport, 'seed' | 'profile'>): string {
  return `npx raft-sim --seed ${seed} --profile ${profile}`
}

/** Runs a cluster under the faults of a seed and reports what happened, whatever it was. */
export async function runSimulation<R>(options: SimulateOptions<R>): Promise<SimulationReport> {
  const { seed, profile = 'mixed', duration = 60_000 } = options
  const rolled = profiles[profile](new SeededRandom(seed, 'plan'))
  const plan = options.adjust?.(rolled) ?? rolled
  const trace = new Trace(options.tell)
  const workload = (options.workload ?? registerWorkload()) as Workload
  const simulation = new Simulation({ seed, plan, workload, trace })
  await simulation.run(duration)
  return {
    seed,
    profile,
    hash: trace.hash,
    events: simulation.clock.steps,
    duration: simulation.clock.now(),
    servers: plan.servers,
    elections: simulation.ledger.elections,
    committed: simulation.ledger.committedThrough,
    operations: simulation.clients.counts,
    faults: simulation.faults.counts,
    messages: simulation.network.counts,
    violations: simulation.violations.list,
  }
}

/** Runs a cluster under the faults of a seed. Rejects with a `SimulationError` if a rule does not hold. */
export async function simulate<R>(options: SimulateOptions<R>): Promise<SimulationReport> {
  const report = await runSimulation(options)
  if (report.violations.length > 0) throw new SimulationError(report)
  return report
}
