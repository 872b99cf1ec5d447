import type { Violation } from '../../checks/violations.ts'
import { calmDisk, soundDisk } from '../../world/disk-conditions.ts'
import { calmNetwork } from '../../world/network-conditions.ts'
import { Trace } from '../../world/trace.ts'
import { type FaultPlan, noFaults } from '../fault-plan.ts'
import { registerWorkload } from '../register-workload.ts'
import { Settling } from '../settling.ts'
import { Simulation } from '../simulation.ts'
import { SeededRandom } from '../../world/random.ts'
import type { Regression } from './regression.ts'
import { PlayOver, Stage } from './stage.ts'

/** How a play went. */
export interface PlayReport {
  /** Stands for everything that happened: the same every time. */
  readonly hash: string
  /** Virtual milliseconds. */
  readonly duration: number
  /** What was found wrong; empty if the bug is not there. */
  readonly violations: readonly Violation[]
}

const calm: FaultPlan = {
  servers: 3,
  spares: 0,
  clients: 0,
  thinking: 200,
  config: {
    heartbeatTimeout: 1_000,
    electionTimeout: 1_000,
    leaderLeaseTimeout: 500,
    commitTimeout: 50,
    trailingLogs: 0,
    snapshotInterval: 3_600_000,
  },
  network: calmNetwork,
  encoded: true,
  disk: calmDisk,
  diskKind: soundDisk,
  slowMachine: 0,
  slowSnapshot: 0,
  clockDrift: 0,
  faultDuration: 1_000,
  aimAtLeaders: 0,
  healed: 'everything',
  rates: noFaults,
}

/** Plays a regression; then everything is healed, and the cluster must settle as after any run. */
export async function playRegression(regression: Regression, tell?: (line: string) => void): Promise<PlayReport> {
  const { plan = {} } = regression
  const trace = new Trace(tell)
  const simulation = new Simulation<string>({
    seed: 1,
    plan: { ...calm, ...plan, config: { ...calm.config, ...plan.config } },
    workload: registerWorkload(),
    trace,
  })
  await simulation.begin()
  try {
    await regression.play(new Stage(simulation))
  } catch (error) {
    if (!(error instanceof PlayOver)) throw error
  }
  if (simulation.violations.first === undefined) {
    await new Settling(simulation, new SeededRandom(1, 'settling')).everything()
    await simulation.judge()
  }
  return { hash: trace.hash, duration: simulation.clock.now(), violations: simulation.violations.list }
}
