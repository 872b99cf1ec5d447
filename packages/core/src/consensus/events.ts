import type { Configuration, ConfigurationChangeCommand, IndexedConfiguration } from '../types/configuration.ts'
import type { RaftError } from '../types/errors.ts'
import type { Peer, ServerAddress, ServerID } from '../types/identity.ts'
import type { EntryPosition, Position } from '../types/log.ts'
import type { Settings } from './settings.ts'

/** Names an RPC that came in, until it is replied to. Chosen by the node, never reused. */
export type InboundID = number

/** Names an RPC that was sent, until it is answered or has failed. Chosen by the state machine, never reused. */
export type CallID = number

/** Names what a caller asked for, until it is answered. Chosen by the node, never reused. */
export type RequestID = number

/** Who sent a request, as its header says. */
export interface Sender {
  readonly protocolVersion: number
  /** Undefined for peers older than the ID in the header. */
  readonly id: ServerID | undefined
  /** The header's address, else the message's own field (`Leader`, `Candidate`); '' when neither is there. */
  readonly address: ServerAddress
}

/** What a snapshot stands for. */
export interface SnapshotPosition extends Position {
  readonly configuration: Configuration
  readonly configurationIndex: number
}

/** The state machine's deadline has passed. */
export interface Elapsed {
  readonly type: 'elapsed'
}

/** Every write numbered up to and including this one is durable. */
export interface Persisted {
  readonly type: 'persisted'
  readonly write: number
}

/** The FSM has applied everything through this index (restored snapshots included). */
export interface Applied {
  readonly type: 'applied'
  readonly index: number
}

/** Callers have put commands and barriers at the end of the node's queue. Taken or refused as one, in the same step. */
export interface Proposed {
  readonly type: 'proposed'
  readonly count: number
}

/** A caller asks for a linearizable read, or only for confirmation that this node still leads. */
export interface ReadAsked {
  readonly type: 'read-asked'
  readonly request: RequestID
  /** Answer only once everything committed when it was asked is applied here. */
  readonly applied: boolean
}

/** A caller asks for a change of the configuration. It waits in line until the rules allow it. */
export interface ChangeAsked {
  readonly type: 'change-asked'
  readonly request: RequestID
  readonly command: ConfigurationChangeCommand
  readonly server: Peer
  /** The index of the configuration that the caller knows; 0 does not care. */
  readonly prevIndex: number
}

/** A caller asks that another server lead; without a target, the most up to date one. */
export interface TransferAsked {
  readonly type: 'transfer-asked'
  readonly request: RequestID
  readonly target?: Peer | undefined
}

/** A caller gave the first configuration to a node without any state. */
export interface BootstrapAsked {
  readonly type: 'bootstrap-asked'
  readonly request: RequestID
  readonly configuration: Configuration
}

/** A caller gives the cluster another state, whose own index was this. */
export interface RestoreAsked {
  readonly type: 'restore-asked'
  readonly request: RequestID
  readonly index: number
}

/** The snapshot that `ingest-snapshot` asked for is durable and visible, or there is none. */
export interface RestoreStored {
  readonly type: 'restore-stored'
  readonly request: RequestID
  readonly error?: RaftError | undefined
}

/** The snapshot that `discard-snapshot` named is no longer in the store. */
export interface SnapshotDiscarded {
  readonly type: 'snapshot-discarded'
}

/** A caller no longer waits. What has not begun is dropped (answered `AbortedError` by nobody: the node has done so). */
export interface Withdrawn {
  readonly type: 'withdrawn'
  readonly request: RequestID
}

/** The settings were changed while running. */
export interface SettingsChanged {
  readonly type: 'settings-changed'
  readonly settings: Settings
}

/** An AppendEntries came in. The payloads stay with the node, under `inbound`. */
export interface AppendRequested {
  readonly type: 'append-requested'
  readonly inbound: InboundID
  readonly from: Sender
  readonly term: number
  readonly prevIndex: number
  readonly prevTerm: number
  readonly entries: readonly EntryPosition[]
  /** The configurations among the entries, decoded, ascending. */
  readonly configurations: readonly IndexedConfiguration[]
  readonly leaderCommit: number
}

/** A RequestVote came in. */
export interface VoteRequested {
  readonly type: 'vote-requested'
  readonly inbound: InboundID
  readonly from: Sender
  readonly term: number
  readonly lastIndex: number
  readonly lastTerm: number
  readonly transfer: boolean
}

/** A RequestPreVote came in. */
export interface PreVoteRequested {
  readonly type: 'pre-vote-requested'
  readonly inbound: InboundID
  readonly from: Sender
  readonly term: number
  readonly lastIndex: number
  readonly lastTerm: number
}

/** A TimeoutNow came in. */
export interface TimeoutNowRequested {
  readonly type: 'timeout-now-requested'
  readonly inbound: InboundID
  readonly from: Sender
}

/** The head of an InstallSnapshot came in; its bytes wait in the node. */
export interface InstallRequested {
  readonly type: 'install-requested'
  readonly inbound: InboundID
  readonly from: Sender
  readonly term: number
  readonly snapshot: SnapshotPosition
}

/** The snapshot that `receive-snapshot` asked for is durable in the snapshot store, or could not be received. */
export interface SnapshotReceived {
  readonly type: 'snapshot-received'
  readonly inbound: InboundID
  /** What went wrong; the text goes to the leader. */
  readonly error?: Error | undefined
}

/** The node has taken a snapshot of its own FSM, durably. */
export interface SnapshotTaken {
  readonly type: 'snapshot-taken'
  readonly snapshot: SnapshotPosition
}

/** A peer answered `request-vote`. */
export interface VoteAnswered {
  readonly type: 'vote-answered'
  readonly call: CallID
  readonly term: number
  readonly granted: boolean
}

/** A peer answered `request-pre-vote`. A peer that does not know pre-votes counts as granting, with the term asked for. */
export interface PreVoteAnswered {
  readonly type: 'pre-vote-answered'
  readonly call: CallID
  readonly term: number
  readonly granted: boolean
}

/** A peer answered `heartbeat` or `replicate`. */
export interface AppendAnswered {
  readonly type: 'append-answered'
  readonly call: CallID
  readonly term: number
  readonly success: boolean
  readonly lastLog: number
  readonly noRetryBackoff: boolean
}

/** A peer answered `send-snapshot`. */
export interface InstallAnswered {
  readonly type: 'install-answered'
  readonly call: CallID
  readonly term: number
  readonly success: boolean
  /** The last entry of the snapshot that was sent. */
  readonly index: number
}

/** A peer answered `timeout-now`. */
export interface TimeoutNowAnswered {
  readonly type: 'timeout-now-answered'
  readonly call: CallID
}

/** What was sent got no answer, or could not be sent. */
export interface CallFailed {
  readonly type: 'call-failed'
  readonly call: CallID
  readonly error: Error
  /** The entries to send are no longer in the log, or are others than the state machine expected. */
  readonly missing?: boolean | undefined
}

/** Whatever happens to a node. Facts, in the past tense; one at a time. */
export type Event =
  | Elapsed
  | Persisted
  | Applied
  | Proposed
  | ReadAsked
  | ChangeAsked
  | TransferAsked
  | BootstrapAsked
  | RestoreAsked
  | RestoreStored
  | SnapshotDiscarded
  | Withdrawn
  | SettingsChanged
  | AppendRequested
  | VoteRequested
  | PreVoteRequested
  | TimeoutNowRequested
  | InstallRequested
  | SnapshotReceived
  | SnapshotTaken
  | VoteAnswered
  | PreVoteAnswered
  | AppendAnswered
  | InstallAnswered
  | TimeoutNowAnswered
  | CallFailed
