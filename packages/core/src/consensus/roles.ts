import type { Peer, ServerID } from '../types/identity.ts'
import type { CallID, ChangeAsked, RequestID, SnapshotPosition } from './events.ts'
import type { Progress } from './progress.ts'

/** Takes what a leader sends; campaigns when it hears nothing. */
export interface Follower {
  readonly kind: 'follower'
  /** When to campaign, unless a leader is heard before. */
  electionAt: number
}

/** Asks for votes, or for promises of them. */
export interface Candidate {
  readonly kind: 'candidate'
  readonly phase: 'pre-vote' | 'vote'
  /** When this attempt is given up and another begun. */
  electionAt: number
  /** Members of the quorum that are still needed. */
  readonly votesNeeded: number
  readonly granted: Set<ServerID>
  readonly calls: Map<CallID, ServerID>
  /** The write of the vote for itself: it counts once that is durable. */
  readonly ownVote: number
}

/** A caller who waits for confirmation that this node still leads. */
export interface PendingRead {
  readonly request: RequestID
  /** Only answers to what was sent in this round or later confirm it. */
  round: number
  /** What must be committed, and applied if `applied`, before it is answered. */
  index: number
  readonly applied: boolean
}

/** A leadership transfer under way. It belongs to the leadership, so that none outlives it (#696). */
export interface Transfer {
  readonly request: RequestID
  readonly to: Peer
  deadline: number
  /** The TimeoutNow, once it was sent. */
  call: CallID | undefined
}

/** A user restore whose bytes are being stored. */
export interface PendingRestore {
  readonly request: RequestID
  readonly snapshot: SnapshotPosition
}

/** Replicates. All it knows of others is in here and ends with its office. */
export interface Leader {
  readonly kind: 'leader'
  /** The index of the first entry of its own term: only what is at or after it commits by counting (thesis 3.6.2). */
  readonly startIndex: number
  readonly progress: Map<ServerID, Progress>
  /** Counts the askings for confirmation. */
  round: number
  reads: PendingRead[]
  /** Changes in line. */
  changes: ChangeAsked[]
  /** Who waits for which staging server to become a voter. */
  readonly promotions: Map<ServerID, RequestID[]>
  transfer: Transfer | undefined
  /** A user restore whose bytes are being stored; nothing is proposed meanwhile. */
  restore: PendingRestore | undefined
  /** When to look at the lease. */
  leaseAt: number
}

/** What a node is. A follower with replication progress does not compile. */
export type Role = Follower | Candidate | Leader
