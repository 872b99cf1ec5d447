/** How a disk is built: what does not change while it lives. */
export interface DiskKind {
  /** Vote, removal and entries in one transaction, in one file. */
  readonly atomicWrite: boolean
  /** Refuses gaps in the log. */
  readonly monotonic: boolean
  /** What is being written can be read before it is durable. */
  readonly showsEarly: boolean
  /** Reads take virtual time too. */
  readonly slowReads: boolean
  /** Reads tell records whose bits have flipped. Without that the store is broken, for tests of the tests. */
  readonly checksums: boolean
  /** Says that a write is durable this many milliseconds before it is: a broken disk, for tests of the tests. */
  readonly liesFor: number
}

/** The kind that SQLite is. */
export const soundDisk: DiskKind = {
  atomicWrite: true,
  monotonic: false,
  showsEarly: false,
  slowReads: false,
  checksums: true,
  liesFor: 0,
}

/** How a disk fares; may change at any time. */
export interface DiskConditions {
  /** Milliseconds that a write takes at least, and beyond that on average. */
  readonly minimumLatency: number
  readonly meanLatency: number
  /** The share of writes that fail, done or not. */
  readonly failures: number
  /** Every write fails: there is no room. */
  readonly full: boolean
}

/** A disk with which nothing is wrong. */
export const calmDisk: DiskConditions = { minimumLatency: 0.2, meanLatency: 0.5, failures: 0, full: false }
