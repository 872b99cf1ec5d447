import { calmDisk } from '../world/disk-conditions.ts'
import type { SeededRandom } from '../world/random.ts'
import { type FaultPlan, type FaultRates, noFaults } from './fault-plan.ts'

/** Chance of something: a number within bounds in some runs, 0 in the others. */
export function some(random: SeededRandom, low: number, high: number, probability = 0.5): number {
  return random.chance(probability) ? random.between(low, high) : 0
}

/** Each fault is there in some runs and absent in others, weak or strong: what never occurs alone hides what does. */
export function mixedPlan(random: SeededRandom): FaultPlan {
  const heartbeat = random.pick([200, 500, 1_000])
  const servers = random.pick([3, 3, 3, 4, 5])
  const rates = mixedRates(random)
  return {
    servers,
    spares: rates.membership > 0 ? 2 : 0,
    clients: 4,
    thinking: 200,
    config: {
      heartbeatTimeout: heartbeat,
      electionTimeout: heartbeat,
      leaderLeaseTimeout: heartbeat / 2,
      commitTimeout: heartbeat / random.pick([4, 10, 20]),
      maxAppendEntries: random.pick([1, 4, 64, 64]),
      preVoteDisabled: random.chance(0.2),
      trailingLogs: random.pick([0, 5, 50, 10_240]),
      snapshotInterval: random.pick([2_000, 10_000, 120_000]),
      snapshotThreshold: random.pick([5, 50, 8_192]),
    },
    network: {
      minimumDelay: random.between(0.1, 2),
      meanDelay: random.pick([0.2, 1, 5, 20]),
      loss: some(random, 0.001, 0.08),
      duplication: some(random, 0.001, 0.05),
    },
    encoded: random.chance(0.15),
    disk: { ...calmDisk, meanLatency: random.pick([0.3, 2, 10]) },
    diskKind: {
      atomicWrite: random.chance(0.6),
      monotonic: random.chance(0.2),
      showsEarly: random.chance(0.3),
      slowReads: random.chance(0.2),
    },
    slowMachine: some(random, 0.1, 3, 0.15),
    slowSnapshot: some(random, 1, 300, 0.2),
    clockDrift: some(random, 0.001, 0.03, 0.4),
    faultDuration: random.pick([500, 2_000, 6_000]),
    aimAtLeaders: random.pick([0.2, 0.5, 0.9]),
    healed: 'everything',
    rates,
  }
}

function mixedRates(random: SeededRandom): FaultRates {
  return {
    ...noFaults,
    crash: some(random, 5, 40, 0.7),
    crashPoint: some(random, 5, 40, 0.3),
    powerCut: some(random, 30, 90, 0.2),
    stop: some(random, 10, 40, 0.2),
    pause: some(random, 5, 40),
    partition: some(random, 5, 40, 0.6),
    oneWayCut: some(random, 5, 40, 0.4),
    clog: some(random, 5, 40, 0.4),
    diskHang: some(random, 15, 60, 0.3),
    diskFull: some(random, 30, 90, 0.2),
    diskFailure: some(random, 30, 90, 0.2),
    clockJump: some(random, 5, 40, 0.3),
    transfer: some(random, 5, 40, 0.4),
    snapshot: some(random, 5, 40, 0.4),
    membership: some(random, 5, 30, 0.4),
  }
}
