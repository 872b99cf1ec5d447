import type { Config } from '@raft/core'
import type { DiskConditions, DiskKind } from '../world/disk-conditions.ts'
import type { NetworkConditions } from '../world/network-conditions.ts'

/** What goes wrong now and then: each is the mean number of virtual seconds between two; 0 is never. */
export interface FaultRates {
  /** A process is killed and started again. */
  readonly crash: number
  /** A process is killed in the middle of something: as a write begins, once it is durable, or some promises later. */
  readonly crashPoint: number
  /** All processes are killed at once, as by a power cut. */
  readonly powerCut: number
  /** A node is shut down in an orderly way and started again. */
  readonly stop: number
  /** A process stops running for a while and goes on. */
  readonly pause: number
  /** Some servers are cut off from the others. */
  readonly partition: number
  /** One direction between two servers is cut. */
  readonly oneWayCut: number
  /** One direction between two servers holds everything back, then lets it through at once. */
  readonly clog: number
  /** A disk finishes nothing for a while. */
  readonly diskHang: number
  /** A disk is full, so that the node stops itself; later there is room again. */
  readonly diskFull: number
  /** A write fails. */
  readonly diskFailure: number
  /** Bits of a record of a server that is down flip; it must refuse to start, and is replaced. Always in a minority. */
  readonly bitRot: number
  /** The time of day of a process jumps. */
  readonly clockJump: number
  /** A leader is asked to hand over. */
  readonly transfer: number
  /** A node is asked for a snapshot. */
  readonly snapshot: number
  /** The membership changes: a server joins, leaves, gets or loses its vote. */
  readonly membership: number
  /** A server is removed, loses its disk, and comes back: as itself, or under a new ID at the same address. */
  readonly replacement: number
  /** A member moves to a new address. */
  readonly move: number
  /** The cluster is given an older state; only with a workload that has `stateOf`. */
  readonly restore: number
}

/** How one run is: everything that its seed decides before it begins. */
export interface FaultPlan {
  /** Servers that are members at first. */
  readonly servers: number
  /** Servers that may join. */
  readonly spares: number
  readonly clients: number
  /** Mean milliseconds that a client waits between two operations. */
  readonly thinking: number
  readonly config: Partial<Config>
  readonly network: NetworkConditions
  /** Messages go through the bytes of the wire. */
  readonly encoded: boolean
  readonly disk: DiskConditions
  readonly diskKind: Partial<DiskKind>
  /** Mean milliseconds of a state machine's call; 0 is at once. */
  readonly slowMachine: number
  /** Mean milliseconds between two pieces of a snapshot that is written; 0 is at once. */
  readonly slowSnapshot: number
  /** How wrong the clocks of processes may go: their rates lie within 1 ± this. */
  readonly clockDrift: number
  /** Mean milliseconds that a fault lasts. */
  readonly faultDuration: number
  /** The share of crashes, cuts and pauses that hit a leader, if there is one. */
  readonly aimAtLeaders: number
  /** How the end is: everything is well again, or a majority is and the rest stays broken. */
  readonly healed: 'everything' | 'quorum'
  readonly rates: FaultRates
}

/** No faults. */
export const noFaults: FaultRates = {
  crash: 0,
  crashPoint: 0,
  powerCut: 0,
  stop: 0,
  pause: 0,
  partition: 0,
  oneWayCut: 0,
  clog: 0,
  diskHang: 0,
  diskFull: 0,
  diskFailure: 0,
  bitRot: 0,
  clockJump: 0,
  transfer: 0,
  snapshot: 0,
  membership: 0,
  replacement: 0,
  move: 0,
  restore: 0,
}
