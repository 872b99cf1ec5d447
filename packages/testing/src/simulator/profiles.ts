import { calmDisk } from '../world/disk-conditions.ts'
import { calmNetwork } from '../world/network-conditions.ts'
import type { SeededRandom } from '../world/random.ts'
import { type FaultPlan, type FaultRates, noFaults } from './fault-plan.ts'

/** Decides how a run is, by chance. */
export type Profile = (random: SeededRandom) => FaultPlan

/** Each fault is there in some runs and absent in others, weak or strong: what never occurs alone hides what does. */
function mixed(random: SeededRandom): FaultPlan {
  const heartbeat = random.pick([200, 500, 1_000])
  const servers = random.pick([3, 3, 3, 4, 5])
  const some = (low: number, high: number, probability = 0.5): number =>
    random.chance(probability) ? random.between(low, high) : 0
  const rates: FaultRates = {
    crash: some(5, 40, 0.7),
    powerCut: some(30, 90, 0.2),
    pause: some(5, 40),
    partition: some(5, 40, 0.6),
    oneWayCut: some(5, 40, 0.4),
    clog: some(5, 40, 0.4),
    diskHang: some(15, 60, 0.3),
    diskFull: some(30, 90, 0.2),
    diskFailure: some(30, 90, 0.2),
    clockJump: some(5, 40, 0.3),
    transfer: some(5, 40, 0.4),
    snapshot: some(5, 40, 0.4),
    membership: some(5, 30, 0.4),
  }
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
      loss: some(0.001, 0.08),
      duplication: some(0.001, 0.05),
    },
    encoded: random.chance(0.15),
    disk: { ...calmDisk, meanLatency: random.pick([0.3, 2, 10]) },
    diskKind: {
      atomicWrite: random.chance(0.6),
      monotonic: random.chance(0.2),
      showsEarly: random.chance(0.3),
      slowReads: random.chance(0.2),
    },
    slowMachine: some(0.1, 3, 0.15),
    clockDrift: some(0.001, 0.03, 0.4),
    faultDuration: random.pick([500, 2_000, 6_000]),
    aimAtLeaders: random.pick([0.2, 0.5, 0.9]),
    rates,
  }
}

/** Nothing goes wrong at all: there must be no election after the first, and no operation may fail. */
function calm(random: SeededRandom): FaultPlan {
  return {
    ...mixed(random),
    servers: 3,
    spares: 0,
    network: calmNetwork,
    disk: calmDisk,
    diskKind: {},
    slowMachine: 0,
    clockDrift: 0,
    rates: noFaults,
  }
}

/** The name of a profile: everything goes wrong now and then, or nothing does. */
export type ProfileName = 'mixed' | 'calm'

/** The profiles by name. */
export const profiles: Readonly<Record<ProfileName, Profile>> = { mixed, calm }
