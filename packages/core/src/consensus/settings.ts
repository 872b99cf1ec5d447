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
}
