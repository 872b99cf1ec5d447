import type { Configuration, Server } from '../types/configuration.ts'
import type { RaftError } from '../types/errors.ts'
import type { Peer } from '../types/identity.ts'
import type { EntryPosition, LogType, Position } from '../types/log.ts'
import type { RaftState } from '../types/raft-state.ts'
import type { CallID, InboundID, RequestID, SnapshotPosition } from './events.ts'
import type { TermRun } from './log-positions.ts'
import type { VoteState } from './vote-state.ts'

/** An entry that the leader makes itself. */
export interface OwnEntry extends EntryPosition {
  /** A configuration is written as `RemovePeerDeprecated` for old protocol versions (spec §5.8). */
  readonly type: typeof LogType.Noop | typeof LogType.Configuration | typeof LogType.RemovePeerDeprecated
  readonly configuration?: Configuration | undefined
}

/** Where the entries of a write come from. */
export type EntrySource =
  /** The first `count` commands of the node's queue; they become `first`, `first + 1`, … in this term. */
  | { readonly from: 'queue'; readonly first: number; readonly count: number; readonly term: number }
  /** The leader's own. */
  | { readonly from: 'leader'; readonly entries: readonly OwnEntry[] }
  /** The first configuration, made by hand: stored without a time, so that it is the same on every server. */
  | { readonly from: 'bootstrap'; readonly entries: readonly OwnEntry[] }
  /** Of the AppendEntries that came in: those left after the first `skip`. */
  | { readonly from: 'request'; readonly inbound: InboundID; readonly skip: number }

/**
 * Makes durable, in this order: the vote, the removal, the entries. Comes back as `persisted` with its number. Writes are
 * durable in the order of their numbers; the node may join several into one.
 */
export interface Persist {
  readonly type: 'persist'
  readonly write: number
  readonly vote?: VoteState | undefined
  /** Removes this entry and all after it. */
  readonly deleteFrom?: number | undefined
  /** Removes the whole log: a snapshot has taken its place. */
  readonly clear?: boolean | undefined
  readonly entries?: EntrySource | undefined
}

/** Removes the entries through this index from the log, in the order of the writes; a snapshot has them. Nothing comes back. */
export interface Compact {
  readonly type: 'compact'
  readonly through: number
}

/** Lets the FSM have the entries through this index: committed, and durable here. Comes back as `applied`, in steps or at once. */
export interface Apply {
  readonly type: 'apply'
  readonly through: number
}

/** Streams the bytes of an InstallSnapshot into the snapshot store. Comes back as `snapshot-received`. */
export interface ReceiveSnapshot {
  readonly type: 'receive-snapshot'
  readonly inbound: InboundID
  readonly snapshot: SnapshotPosition
}

/** Waits no longer for the bytes of a snapshot, which may never come: its leader's office is over. Nothing more than that comes back. */
export interface AbandonSnapshot {
  readonly type: 'abandon-snapshot'
  readonly inbound: InboundID
}

/** Removes what was received of a leader whose office was over by then. Nothing comes back. */
export interface DropSnapshot {
  readonly type: 'drop-snapshot'
  readonly inbound: InboundID
  readonly snapshot: SnapshotPosition
}

/** Which snapshot to restore: the one that was received, the one that was ingested, or the one in the store at that position. */
export type RestoreSource =
  | { readonly from: 'leader'; readonly inbound: InboundID }
  | { readonly from: 'caller'; readonly request: RequestID }
  | { readonly from: 'store' }

/** Writes the bytes that a caller gave into a snapshot at that position. Comes back as `restore-stored`. */
export interface IngestSnapshot {
  readonly type: 'ingest-snapshot'
  readonly request: RequestID
  readonly snapshot: SnapshotPosition
}

/** Removes the snapshot at that position from the store, if it is there. Comes back as `snapshot-discarded`. */
export interface DiscardSnapshot {
  readonly type: 'discard-snapshot'
  readonly snapshot: Position
}

/**
 * Restores the FSM from a snapshot, in the order of the `apply`s: ends a running `persist`, waits for
 * what is being applied, restores. Comes back as `applied` with the snapshot's index.
 */
export interface RestoreSnapshot {
  readonly type: 'restore-snapshot'
  readonly source: RestoreSource
  readonly snapshot: SnapshotPosition
}

/** Sends entries to a peer; none at all tells the commit index. Comes back as `append-answered` or `call-failed`. */
export interface Replicate {
  readonly type: 'replicate'
  readonly call: CallID
  readonly to: Peer
  readonly term: number
  readonly prevIndex: number
  readonly prevTerm: number
  /** The last entry to send; equal to `prevIndex` when there is none. */
  readonly through: number
  /** The terms of `prevIndex + 1` through `through`. If the log says otherwise, nothing is sent and the call fails as `missing`. */
  readonly terms: readonly TermRun[]
  readonly leaderCommit: number
  /** More may be sent before it is answered; keep the order. Otherwise it is the only one under way. */
  readonly pipelined: boolean
}

/** Sends a heartbeat. Comes back as `append-answered` or `call-failed`. */
export interface Heartbeat {
  readonly type: 'heartbeat'
  readonly call: CallID
  readonly to: Peer
  readonly term: number
}

/** Sends the newest snapshot of the store. Comes back as `install-answered` or `call-failed`. */
export interface SendSnapshot {
  readonly type: 'send-snapshot'
  readonly call: CallID
  readonly to: Peer
  readonly term: number
}

/** Asks for a vote. Comes back as `vote-answered` or `call-failed`. */
export interface RequestVote {
  readonly type: 'request-vote'
  readonly call: CallID
  readonly to: Peer
  readonly term: number
  readonly lastIndex: number
  readonly lastTerm: number
  readonly transfer: boolean
}

/** Asks whether a vote would be granted. Comes back as `pre-vote-answered` or `call-failed`. */
export interface RequestPreVote {
  readonly type: 'request-pre-vote'
  readonly call: CallID
  readonly to: Peer
  readonly term: number
  readonly lastIndex: number
  readonly lastTerm: number
}

/** Tells a peer to campaign. Comes back as `timeout-now-answered` or `call-failed`. */
export interface TimeoutNow {
  readonly type: 'timeout-now'
  readonly call: CallID
  readonly to: Peer
}

/** What is replied to an RPC. */
export type ReplyMessage =
  | {
      readonly kind: 'appendEntries'
      readonly term: number
      readonly success: boolean
      readonly lastLog: number
      readonly noRetryBackoff: boolean
    }
  | { readonly kind: 'requestVote'; readonly term: number; readonly granted: boolean }
  | { readonly kind: 'requestPreVote'; readonly term: number; readonly granted: boolean }
  | { readonly kind: 'installSnapshot'; readonly term: number; readonly success: boolean }
  | { readonly kind: 'timeoutNow' }

/** Replies to an RPC that came in; every one is replied to exactly once. */
export interface Reply {
  readonly type: 'reply'
  readonly inbound: InboundID
  /** Absent with an error that has no message beside it. */
  readonly message?: ReplyMessage | undefined
  readonly error?: Error | undefined
}

/** The node's commands after `commitIndex` end as `AbortedByRestoreError`: a restore took their place. */
export interface AbortProposals {
  readonly type: 'abort-proposals'
  readonly commitIndex: number
}

/** Refuses the commands that `proposed` announced, all of them. */
export interface RefuseProposals {
  readonly type: 'refuse-proposals'
  readonly count: number
  readonly error: RaftError
}

/** The node no longer leads: its commands after `commitIndex` end as `LeadershipLostError`; those before are still answered. */
export interface LeadershipLost {
  readonly type: 'leadership-lost'
  readonly term: number
  readonly commitIndex: number
}

/** Answers a caller, exactly once unless it has withdrawn. */
export interface Answer {
  readonly type: 'answer'
  readonly request: RequestID
  /** For a change the index of its entry; for a read the index it is good for; else 0. */
  readonly index: number
  readonly error?: RaftError | undefined
}

/** The node is no longer a member, and that is committed. Whether it stops is the node's matter (`shutdownOnRemove`). */
export interface Removed {
  readonly type: 'removed'
}

/** Something that people, tests or transcripts want to know. It has no other consequence. */
export type Note =
  | { readonly name: 'state-changed'; readonly state: RaftState; readonly term: number }
  | { readonly name: 'leader-changed'; readonly leader: Peer | undefined }
  | { readonly name: 'term-adopted'; readonly term: number }
  | { readonly name: 'peer-added'; readonly server: Server }
  | { readonly name: 'peer-removed'; readonly server: Server }
  | { readonly name: 'heartbeat-failed'; readonly peer: Peer; readonly lastContact: number; readonly error: Error }
  | { readonly name: 'heartbeat-resumed'; readonly peer: Peer }
  | { readonly name: 'heartbeat-timeout'; readonly leader: Peer | undefined }
  | {
      readonly name: 'election-not-started'
      readonly reason: 'no-configuration' | 'not-a-voter' | 'slow-disk' | 'no-term-left'
    }
  | { readonly name: 'election-timeout'; readonly term: number }
  | { readonly name: 'pre-vote-started'; readonly term: number }
  | { readonly name: 'election-started'; readonly term: number; readonly transfer: boolean }
  | { readonly name: 'vote-granted'; readonly to: Peer; readonly term: number }
  | { readonly name: 'vote-refused'; readonly to: Peer; readonly term: number; readonly reason: VoteRefusal }
  | { readonly name: 'pre-vote-refused'; readonly to: Peer; readonly term: number; readonly reason: VoteRefusal }
  | { readonly name: 'append-refused'; readonly reason: AppendRefusal; readonly leader: Peer; readonly term: number }
  | { readonly name: 'log-truncated'; readonly from: number }
  | { readonly name: 'leader-contact'; readonly peer: Peer; readonly age: number }
  | { readonly name: 'lease-expired'; readonly term: number }
  | { readonly name: 'disk-stalled'; readonly since: number }
  | { readonly name: 'pause-noticed'; readonly duration: number }
  | { readonly name: 'commit-advanced'; readonly index: number }
  | { readonly name: 'configuration-appended'; readonly index: number; readonly configuration: Configuration }
  | { readonly name: 'configuration-committed'; readonly index: number; readonly configuration: Configuration }
  | { readonly name: 'replication-failed'; readonly peer: Peer; readonly error: Error }
  | { readonly name: 'follower-lost-entries'; readonly peer: Peer; readonly lastLog: number; readonly match: number }
  | { readonly name: 'snapshot-needed'; readonly peer: Peer; readonly next: number }
  | { readonly name: 'snapshot-stale'; readonly index: number }
  | { readonly name: 'snapshot-installed'; readonly index: number; readonly logKept: boolean }
  | { readonly name: 'restore-taken-back'; readonly index: number }
  | { readonly name: 'transfer-started'; readonly to: Peer }
  | { readonly name: 'transfer-ended'; readonly to: Peer; readonly error: RaftError | undefined }
  | {
      readonly name: 'timeout-now-refused'
      readonly reason: 'not-a-voter' | 'not-from-leader' | 'slow-disk' | 'no-term-left'
    }
  | { readonly name: 'caught-up'; readonly peer: Peer; readonly rounds: number }

/** Why a vote or a pre-vote is refused. */
export type VoteRefusal =
  'not-in-configuration' | 'leader-known' | 'old-term' | 'not-a-voter' | 'already-voted' | 'stale-log'

/** Why an AppendEntries is refused. */
export type AppendRefusal =
  'old-term' | 'missing-previous' | 'term-mismatch' | 'not-contiguous' | 'conflicts-with-committed' | 'two-leaders'

/** Carries a note. */
export interface Noted {
  readonly type: 'note'
  readonly note: Note
}

/** What the node is to do, in order, waiting for none of it. */
export type Effect =
  | Persist
  | Compact
  | Apply
  | ReceiveSnapshot
  | AbandonSnapshot
  | DropSnapshot
  | RestoreSnapshot
  | IngestSnapshot
  | DiscardSnapshot
  | Replicate
  | Heartbeat
  | SendSnapshot
  | RequestVote
  | RequestPreVote
  | TimeoutNow
  | Reply
  | RefuseProposals
  | AbortProposals
  | LeadershipLost
  | Answer
  | Removed
  | Noted
