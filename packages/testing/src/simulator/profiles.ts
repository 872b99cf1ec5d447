import { calmDisk } from '../world/disk-conditions.ts'
import { calmNetwork } from '../world/network-conditions.ts'
import type { SeededRandom } from '../world/random.ts'
import { type FaultPlan, type FaultRates, noFaults } from './fault-plan.ts'
import { mixedPlan, some } from './mixed-plan.ts'

/** A kind of run. */
export interface Profile {
  /** Which class of bug it is after. */
  readonly aim: string
  /** Decides how a run is, by chance. */
  plan(random: SeededRandom): FaultPlan
}

/** Settings that differ from the mixed ones. */
interface Difference extends Partial<Omit<FaultPlan, 'config' | 'network' | 'disk' | 'diskKind' | 'rates'>> {
  readonly config?: FaultPlan['config']
  readonly network?: Partial<FaultPlan['network']>
  readonly disk?: Partial<FaultPlan['disk']>
  readonly diskKind?: FaultPlan['diskKind']
  /** Only these faults. */
  readonly rates: Partial<FaultRates>
}

/** A profile that is the mixed one where it does not differ. */
function aimed(aim: string, differenceOf: (random: SeededRandom) => Difference): Profile {
  return {
    aim,
    plan: (random) => {
      const mixed = mixedPlan(random)
      const { config, network, disk, diskKind, rates, ...rest } = differenceOf(random)
      const all = { ...noFaults, ...rates }
      return {
        ...mixed,
        spares: all.membership > 0 ? 2 : 0,
        ...rest,
        config: { ...mixed.config, ...config },
        network: { ...mixed.network, ...network },
        disk: { ...mixed.disk, ...disk },
        diskKind: { ...mixed.diskKind, ...diskKind },
        rates: all,
      }
    },
  }
}

/** The name of a profile. */
export type ProfileName =
  | 'mixed'
  | 'calm'
  | 'leaders'
  | 'small'
  | 'ones'
  | 'churn'
  | 'snapshots'
  | 'disks'
  | 'rot'
  | 'power'
  | 'steps'
  | 'delays'
  | 'pauses'
  | 'transfers'
  | 'restore'
  | 'quorum'

/** The profiles by name. */
export const profiles: Readonly<Record<ProfileName, Profile>> = {
  mixed: {
    aim: 'what nobody thought of: each fault is there in some runs and absent in others, weak or strong',
    plan: mixedPlan,
  },

  calm: aimed('elections and failures without a reason: nothing goes wrong at all', () => ({
    servers: 3,
    network: calmNetwork,
    disk: calmDisk,
    diskKind: { atomicWrite: true, monotonic: false, showsEarly: false, slowReads: false },
    slowMachine: 0,
    slowSnapshot: 0,
    clockDrift: 0,
    rates: {},
  })),

  leaders: aimed('changes of leader in the middle of things: whoever leads is killed, cut off or paused', (random) => ({
    servers: random.pick([3, 5]),
    aimAtLeaders: 0.95,
    faultDuration: random.pick([300, 1_500]),
    config: { maxAppendEntries: random.pick([1, 1, 4]), preVoteDisabled: random.chance(0.5) },
    network: { meanDelay: random.pick([2, 5, 10]) },
    rates: { crash: 4, partition: 5, pause: some(random, 3, 8), oneWayCut: some(random, 4, 10), clog: 8 },
  })),

  small: aimed('majorities of one, two, four and six servers', (random) => ({
    servers: random.pick([1, 2, 2, 4, 4, 6]),
    rates: { crash: 8, crashPoint: 12, partition: 6, pause: some(random, 6, 20), powerCut: some(random, 20, 40) },
  })),

  ones: aimed(
    'what many entries at a time hide: one entry a message, a snapshot for each, one entry kept',
    (random) => ({
      config: {
        maxAppendEntries: 1,
        trailingLogs: random.pick([0, 1]),
        snapshotThreshold: random.pick([1, 3]),
        snapshotInterval: 1_000,
      },
      network: { meanDelay: random.pick([1, 20]), duplication: 0.05 },
      rates: { crash: 8, partition: 6, clog: 6, snapshot: 5, transfer: some(random, 6, 20) },
    }),
  ),

  churn: aimed(
    'memberships: servers join, leave, lose their disks, come back under another ID, and move',
    (random) => ({
      servers: random.pick([3, 4, 5]),
      spares: 2,
      config: {
        trailingLogs: random.pick([0, 5, 50]),
        snapshotThreshold: random.pick([5, 50]),
        snapshotInterval: 2_000,
      },
      rates: {
        membership: 3,
        replacement: 6,
        move: some(random, 8, 20),
        snapshot: some(random, 3, 10),
        crash: some(random, 8, 30),
        partition: some(random, 8, 30),
        clog: some(random, 6, 20),
        transfer: some(random, 8, 30),
      },
    }),
  ),

  snapshots: aimed('snapshots that meet each other, changes of membership, crashes and lost leaders', (random) => ({
    config: {
      trailingLogs: random.pick([0, 0, 3]),
      snapshotThreshold: random.pick([2, 5, 20]),
      snapshotInterval: random.pick([300, 1_000]),
    },
    slowSnapshot: random.pick([0, 20, 500]),
    slowMachine: random.pick([0, 0, 5]),
    disk: { meanLatency: random.pick([0.3, 10, 40]) },
    rates: {
      snapshot: 1,
      membership: some(random, 3, 8, 0.7),
      crash: 6,
      partition: 5,
      pause: some(random, 5, 15),
      crashPoint: some(random, 4, 10),
    },
  })),

  disks: aimed('disks that are slow, hang, are full, or fail, on each kind of store', (random) => ({
    disk: { meanLatency: random.pick([2, 20, 60]) },
    diskKind: { atomicWrite: random.chance(0.5), monotonic: random.chance(0.5), slowReads: random.chance(0.5) },
    rates: { diskHang: 5, diskFull: 12, diskFailure: 8, crash: some(random, 8, 20), snapshot: some(random, 4, 12) },
  })),

  rot: aimed(
    'bits that flip in the records of servers that are down; a majority of the disks stays whole',
    (random) => ({
      servers: random.pick([3, 5]),
      config: {
        trailingLogs: random.pick([0, 10, 10_240]),
        snapshotThreshold: random.pick([5, 50]),
        snapshotInterval: 2_000,
      },
      rates: { bitRot: 5, crash: some(random, 8, 20), partition: some(random, 8, 20), snapshot: some(random, 4, 10) },
    }),
  ),

  power: aimed('writes that were not finished when the power failed, everywhere at once: lost, or torn', (random) => ({
    disk: { meanLatency: random.pick([2, 20]) },
    diskKind: { atomicWrite: random.chance(0.4), showsEarly: random.chance(0.5) },
    faultDuration: random.pick([300, 2_000]),
    rates: { powerCut: 5, crash: 6, snapshot: some(random, 3, 10), membership: some(random, 6, 20) },
  })),

  steps: aimed('crashes at each step of each write, and between any two promises', (random) => ({
    faultDuration: random.pick([200, 1_000]),
    diskKind: { atomicWrite: random.chance(0.4) },
    rates: {
      crashPoint: 1,
      snapshot: some(random, 2, 6, 0.7),
      membership: some(random, 4, 12),
      transfer: some(random, 4, 12),
      stop: some(random, 4, 12),
    },
  })),

  delays: aimed('messages that come late, twice, out of order, or in a burst long after they were sent', (random) => ({
    network: {
      meanDelay: random.pick([30, 60]),
      duplication: random.between(0.05, 0.3),
      loss: some(random, 0.01, 0.1),
    },
    config: { heartbeatTimeout: 1_000, electionTimeout: 1_000, leaderLeaseTimeout: 500 },
    clients: 7,
    rates: { clog: 2, oneWayCut: some(random, 5, 15), crash: some(random, 8, 30), membership: some(random, 8, 30) },
  })),

  pauses: aimed(
    'processes that stand still, clocks that jump and run at different speeds: stale reads, late timers',
    (random) => ({
      clockDrift: random.between(0, 0.05),
      slowMachine: some(random, 0.5, 10),
      aimAtLeaders: 0.7,
      faultDuration: random.pick([300, 1_500, 4_000]),
      clients: 7,
      rates: { pause: 2, clockJump: 5, clog: 4, partition: some(random, 8, 20), diskHang: some(random, 8, 20) },
    }),
  ),

  transfers: aimed('leadership that is handed over and over, with cuts, crashes and changes in between', (random) => ({
    aimAtLeaders: 0.6,
    rates: {
      transfer: 1.5,
      partition: some(random, 4, 12, 0.8),
      crash: some(random, 5, 15),
      pause: some(random, 5, 15),
      membership: some(random, 5, 15),
      diskHang: some(random, 8, 20),
    },
  })),

  restore: aimed('older states given to the whole cluster, and leaders lost before that is committed', (random) => ({
    aimAtLeaders: 0.7,
    config: { trailingLogs: random.pick([0, 5, 10_240]), snapshotThreshold: 10, snapshotInterval: 1_000 },
    rates: {
      restore: 4,
      snapshot: 4,
      crash: some(random, 5, 15, 0.7),
      partition: some(random, 4, 10, 0.7),
      pause: some(random, 6, 15),
      crashPoint: some(random, 4, 10),
      diskHang: some(random, 8, 20),
    },
  })),

  quorum: aimed(
    'progress: in the end only a majority is healed, and the rest stays down, cut off, deaf or stuck',
    (random) => ({
      servers: random.pick([3, 4, 5, 7]),
      aimAtLeaders: 0.7,
      clients: 7,
      rates: {
        oneWayCut: 3,
        partition: 4,
        crash: 6,
        pause: 8,
        clog: some(random, 4, 12),
        diskHang: some(random, 6, 20),
        transfer: some(random, 5, 15),
        membership: some(random, 5, 15, 0.3),
      },
      healed: 'quorum',
    }),
  ),
}
