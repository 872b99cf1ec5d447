import type { FSM } from '@raft/core'
import type { Violation } from '../checks/violations.ts'
import type { LinearizabilityVerdict } from '../linearizability/check-history.ts'
import { type MachineOptions, machineWorkload } from '../state-machine/machine-workload.ts'
import { textOf } from '../state-machine/value-text.ts'
import { Trace } from '../world/trace.ts'
import type { ClientCounts } from './clients.ts'
import type { FaultPlan } from './fault-plan.ts'
import { type FaultSettings, planOf, profileOf } from './fault-settings.ts'
import type { FaultCounts } from './faults.ts'
import type { ProfileName } from './profiles.ts'
import { registerWorkload } from './register-workload.ts'
import { Simulation } from './simulation.ts'
import type { Workload } from './workload.ts'

/** Virtual milliseconds of a run, unless it is told otherwise. */
const DURATION = 60_000

/** How a run is to be. */
export interface RunOptions {
  /** Decides everything: a whole number from 0 to 2^53 − 1. The same seed is the same run. */
  readonly seed: number
  /** What goes wrong: a profile, or rates that differ from one. Default `mixed`. */
  readonly faults?: ProfileName | FaultSettings | undefined
  /** Virtual milliseconds with faults; then come some without. Default 60,000. */
  readonly duration?: number | undefined
  /** Changes what else the seed decided: how many servers, their config, network and disks, how busy clients are. */
  readonly adjust?: ((plan: FaultPlan) => FaultPlan) | undefined
  /** Gets the story, a line for each event. */
  readonly tell?: ((line: string) => void) | undefined
}

/** How a run is to be, and the state machine that is tested; without one, it is a machine of named registers. */
export type SimulateOptions<M extends FSM = FSM, Input = unknown, Output = unknown, State = unknown> =
  (RunOptions & MachineOptions<M, Input, Output, State>) | (RunOptions & { readonly fsm?: undefined })

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
  /** Election timeouts from each healing until a client was answered. */
  readonly recoveries: readonly number[]
  /**
   * Whether what clients saw is linearizable; `undecided` if the search was given up: a model with `keyOf` makes it
   * shorter. undefined without a model, or if something else was wrong before.
   */
  readonly history: LinearizabilityVerdict['result'] | undefined
  /** What went wrong, if anything did; the first is the one to look at. */
  readonly violations: readonly Violation[]
  /** One line that repeats the run. */
  readonly replay: string
}

/** A run in which a rule did not hold. */
export class SimulationError extends Error {
  readonly report: SimulationReport

  constructor(report: SimulationReport) {
    const [{ rule, text, at }] = report.violations as readonly [Violation]
    super(`${rule} at ${at.toFixed(3)} ms: ${text}\nReplay it with: ${report.replay}`)
    this.report = report
  }

  override get name(): string {
    return 'SimulationError'
  }
}

/** The command that repeats a run of registers. */
export function replayLine({ seed, profile }: Pick<SimulationReport, 'seed' | 'profile'>): string {
  return `npx raft-sim --seed ${seed} --profile ${profile}`
}

/** Runs a cluster under the faults of a seed and reports what happened, whatever it was. */
export async function runSimulation<M extends FSM, Input, Output, State>(
  options: SimulateOptions<M, Input, Output, State>,
): Promise<SimulationReport> {
  const { seed, faults = 'mixed', duration = DURATION } = options
  if (!Number.isSafeInteger(seed) || seed < 0) throw new TypeError(`the seed is a whole number, not ${String(seed)}`)
  const rolled = planOf(seed, faults)
  const plan = options.adjust?.(rolled) ?? rolled
  const trace = new Trace(options.tell)
  const workload: Workload = options.fsm === undefined ? registerWorkload() : machineWorkload(options)
  const simulation = new Simulation({ seed, plan, workload, trace })
  await simulation.run(duration)
  const profile = profileOf(faults)
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
    recoveries: simulation.recoveries,
    history: simulation.verdict,
    violations: simulation.violations.list,
    replay: replayOf(options),
  }
}

/** A command for a run that a command can repeat; else the call. */
function replayOf(options: RunOptions & { readonly fsm?: unknown }): string {
  const { seed, faults = 'mixed', duration = DURATION, adjust, fsm } = options
  if (fsm === undefined && adjust === undefined && typeof faults === 'string') {
    return replayLine({ seed, profile: faults }) + (duration === DURATION ? '' : ` --duration ${duration}`)
  }
  const given = { seed, faults: textOf(faults).trim(), duration }
  const named = Object.keys(options).filter((key) => !(key in given) && key !== 'tell')
  const fields = [...Object.entries(given).map(([key, value]) => `${key}: ${value}`), ...named]
  return `await simulate({ ${fields.join(', ')} })`
}

/**
 * Runs a cluster of real nodes on a simulated network, disks and clocks, under the faults of a seed, and checks it after
 * every event. Rejects with a `SimulationError` that names the rule if one does not hold, and with a `TypeError` for
 * wrong options.
 *
 * With `fsm` and `clients` it tests a state machine of yours: that all copies answer every entry alike, that their
 * states are equal at equal indexes, that a copy restored from a snapshot goes on as the others do, and, with a `model`,
 * that what clients see is linearizable.
 */
export async function simulate<M extends FSM, Input, Output, State>(
  options: SimulateOptions<M, Input, Output, State>,
): Promise<SimulationReport> {
  const report = await runSimulation(options)
  if (report.violations.length > 0) throw new SimulationError(report)
  return report
}
