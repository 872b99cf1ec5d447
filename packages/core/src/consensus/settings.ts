import type { Peer } from '../types/identity.ts'

/** What the rules take from the node's `Config`. Durations are milliseconds. */
export interface Settings {
  readonly self: Peer
  readonly protocolVersion: number
  readonly heartbeatTimeout: number
  readonly electionTimeout: number
  readonly commitTimeout: number
  readonly leaderLeaseTimeout: number
  readonly maxAppendEntries: number
  readonly trailingLogs: number
  /** Ask before campaigning. */
  readonly preVote: boolean
  /** The log store may hold a gap, as a user restore leaves one. */
  readonly toleratesGaps: boolean
  /** The snapshot store can remove a snapshot, so that a user restore can be taken back until it is committed. */
  readonly removesSnapshots: boolean
}
