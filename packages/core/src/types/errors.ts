import type { Peer } from './identity.ts'

/** The stable codes of the library's errors. Texts may change in any release; codes only in a major one. */
export type RaftErrorCode =
  | 'ERR_RAFT_LEADER'
  | 'ERR_RAFT_NOT_LEADER'
  | 'ERR_RAFT_NOT_VOTER'
  | 'ERR_RAFT_LEADERSHIP_LOST'
  | 'ERR_RAFT_ABORTED_BY_RESTORE'
  | 'ERR_RAFT_SHUTDOWN'
  | 'ERR_RAFT_ENQUEUE_TIMEOUT'
  | 'ERR_RAFT_NOTHING_NEW_TO_SNAPSHOT'
  | 'ERR_RAFT_UNSUPPORTED_PROTOCOL'
  | 'ERR_RAFT_CANT_BOOTSTRAP'
  | 'ERR_RAFT_LEADERSHIP_TRANSFER_IN_PROGRESS'
  | 'ERR_RAFT_LEADERSHIP_TRANSFER'
  | 'ERR_RAFT_TRANSPORT_SHUTDOWN'
  | 'ERR_RAFT_PIPELINE_SHUTDOWN'
  | 'ERR_RAFT_LOG_NOT_FOUND'
  | 'ERR_RAFT_PIPELINE_REPLICATION_NOT_SUPPORTED'
  | 'ERR_RAFT_PRE_VOTE_NOT_SUPPORTED'
  | 'ERR_RAFT_CONFIGURATION'
  | 'ERR_RAFT_COMMAND_TOO_LARGE'
  | 'ERR_RAFT_ABORTED'
  | 'ERR_RAFT_TIMEOUT'
  | 'ERR_RAFT_CONNECTION'
  | 'ERR_RAFT_REMOTE'
  | 'ERR_RAFT_DECODE'
  | 'ERR_RAFT_SNAPSHOT'
  | 'ERR_RAFT_STORE'
  | 'ERR_RAFT_CORRUPT'
  | 'ERR_RAFT_FSM'
  | 'ERR_RAFT_START'

/**
 * Whether a command that ended in an error can have happened: `rejected` it certainly did not and never will,
 * `unknown` it may have been or may yet be committed.
 */
export type Outcome = 'rejected' | 'unknown'

/** What all errors of the library take. */
export interface RaftErrorOptions extends ErrorOptions {
  readonly outcome?: Outcome
}

const brand = Symbol.for('@raft/core:error')

/** The base of the library's errors. Recognise one by `isRaftError(error, code)`, which also works across copies of core. */
export class RaftError extends Error {
  readonly code: RaftErrorCode
  /** Present on an error that ends a command. */
  readonly outcome: Outcome | undefined

  constructor(code: RaftErrorCode, message: string, options: RaftErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.outcome = options.outcome
    Object.defineProperty(this, brand, { value: true })
  }

  override get name(): string {
    return this.constructor.name
  }
}

/** Whether `error` is one of the library's, of any copy of core, and has the `code` if one is given. */
export function isRaftError(error: unknown, code?: RaftErrorCode): error is RaftError {
  return error instanceof Error && brand in error && (code === undefined || ('code' in error && error.code === code))
}

/** The node is the leader (`ErrLeader`). Kept for parity; the library itself never raises it. */
export class LeaderError extends RaftError {
  constructor() {
    super('ERR_RAFT_LEADER', 'node is the leader', { outcome: 'rejected' })
  }
}

/** The node is not the leader, so nothing was submitted (`ErrNotLeader`). Ask `leader`, if it is known. */
export class NotLeaderError extends RaftError {
  readonly leader: Peer | undefined

  constructor(leader?: Peer) {
    super('ERR_RAFT_NOT_LEADER', 'node is not the leader', { outcome: 'rejected' })
    this.leader = leader
  }
}

/** The given configuration does not give this node a vote (`ErrNotVoter`). */
export class NotVoterError extends RaftError {
  constructor() {
    super('ERR_RAFT_NOT_VOTER', 'node is not a voter', { outcome: 'rejected' })
  }
}

/** The leader lost its office before the entry was committed; a later leader may still commit it (`ErrLeadershipLost`). */
export class LeadershipLostError extends RaftError {
  /** The entry's place in the log, 0 for what is no entry. */
  readonly index: number
  /** The term in which it was appended, 0 for what is no entry. */
  readonly term: number

  constructor(position: { readonly index: number; readonly term: number } = { index: 0, term: 0 }) {
    super('ERR_RAFT_LEADERSHIP_LOST', 'leadership lost while committing log', { outcome: 'unknown' })
    this.index = position.index
    this.term = position.term
  }
}

/** A user restore replaced the state while the command was under way (`ErrAbortedByRestore`). */
export class AbortedByRestoreError extends RaftError {
  constructor() {
    super('ERR_RAFT_ABORTED_BY_RESTORE', 'snapshot restored while committing log', { outcome: 'unknown' })
  }
}

/** The node has been shut down, or stopped itself; `cause` then says why (`ErrRaftShutdown`). */
export class RaftShutdownError extends RaftError {
  constructor(options: RaftErrorOptions = {}) {
    super('ERR_RAFT_SHUTDOWN', 'raft is already shutdown', { outcome: 'rejected', ...options })
  }
}

/** The command did not enter the queue within its `timeout`; nothing was submitted (`ErrEnqueueTimeout`). */
export class EnqueueTimeoutError extends RaftError {
  constructor() {
    super('ERR_RAFT_ENQUEUE_TIMEOUT', 'timed out enqueuing operation', { outcome: 'rejected' })
  }
}

/** Nothing was applied since the last snapshot (`ErrNothingNewToSnapshot`). */
export class NothingNewToSnapshotError extends RaftError {
  constructor() {
    super('ERR_RAFT_NOTHING_NEW_TO_SNAPSHOT', 'nothing new to snapshot', { outcome: 'rejected' })
  }
}

/** The operation, or a peer's message, does not exist at the protocol version in use (`ErrUnsupportedProtocol`). */
export class UnsupportedProtocolError extends RaftError {
  constructor() {
    super('ERR_RAFT_UNSUPPORTED_PROTOCOL', 'operation not supported with current protocol version', {
      outcome: 'rejected',
    })
  }
}

/** The cluster already has state (`ErrCantBootstrap`). */
export class CantBootstrapError extends RaftError {
  constructor() {
    super('ERR_RAFT_CANT_BOOTSTRAP', 'bootstrap only works on new clusters', { outcome: 'rejected' })
  }
}

/** A leadership transfer is under way; nothing is accepted until it ends (`ErrLeadershipTransferInProgress`). */
export class LeadershipTransferInProgressError extends RaftError {
  constructor() {
    super('ERR_RAFT_LEADERSHIP_TRANSFER_IN_PROGRESS', 'leadership transfer in progress', { outcome: 'rejected' })
  }
}

/** A leadership transfer failed; the node is still the leader unless it says otherwise. */
export class LeadershipTransferError extends RaftError {
  constructor(message: string, options: RaftErrorOptions = {}) {
    super('ERR_RAFT_LEADERSHIP_TRANSFER', message, { outcome: 'rejected', ...options })
  }
}

/** The transport has been closed (`ErrTransportShutdown`). */
export class TransportShutdownError extends RaftError {
  constructor() {
    super('ERR_RAFT_TRANSPORT_SHUTDOWN', 'transport shutdown')
  }
}

/** The pipeline has been closed (`ErrPipelineShutdown`). */
export class PipelineShutdownError extends RaftError {
  constructor() {
    super('ERR_RAFT_PIPELINE_SHUTDOWN', 'append pipeline closed')
  }
}

/** A log store holds no entry at the index (`ErrLogNotFound`). */
export class LogNotFoundError extends RaftError {
  readonly index: number

  constructor(index: number) {
    super('ERR_RAFT_LOG_NOT_FOUND', 'log not found')
    this.index = index
  }
}

/** The transport is configured without pipelining (`ErrPipelineReplicationNotSupported`). */
export class PipelineReplicationNotSupportedError extends RaftError {
  constructor() {
    super('ERR_RAFT_PIPELINE_REPLICATION_NOT_SUPPORTED', 'pipeline replication not supported')
  }
}

/** The peer is older than pre-votes: it ended a fresh connection upon the message (design, chapter 4, Q4). */
export class PreVoteNotSupportedError extends RaftError {
  constructor(options: RaftErrorOptions = {}) {
    super('ERR_RAFT_PRE_VOTE_NOT_SUPPORTED', 'pre-vote not supported by peer', options)
  }
}

/** A configuration, or a change of one, is not allowed; the text says which rule it breaks. */
export class ConfigurationError extends RaftError {
  constructor(message: string) {
    super('ERR_RAFT_CONFIGURATION', message, { outcome: 'rejected' })
  }
}

/** A command exceeds the limit in bytes and was not queued. */
export class CommandTooLargeError extends RaftError {
  constructor(size: number, limit: number) {
    super('ERR_RAFT_COMMAND_TOO_LARGE', `command of ${size} bytes exceeds the limit of ${limit} bytes`, {
      outcome: 'rejected',
    })
  }
}

/** The caller's signal ended the waiting; `outcome` says whether the command had been submitted by then. */
export class AbortedError extends RaftError {
  constructor(options: RaftErrorOptions) {
    super('ERR_RAFT_ABORTED', 'aborted by the caller', options)
  }
}

/** A peer did not answer within the transport's deadline. */
export class RPCTimeoutError extends RaftError {
  constructor(message: string, options: RaftErrorOptions = {}) {
    super('ERR_RAFT_TIMEOUT', message, options)
  }
}

/** A connection could not be made, ended, or led to another server than was asked; the message names the peer. */
export class ConnectionError extends RaftError {
  constructor(message: string, options: RaftErrorOptions = {}) {
    super('ERR_RAFT_CONNECTION', message, options)
  }
}

/** A peer answered with an error text. */
export class RemoteError extends RaftError {
  constructor(message: string) {
    super('ERR_RAFT_REMOTE', message)
  }
}

/** Bytes from a peer or a disk are not what they should be; the message names the field and the offset. */
export class DecodeError extends RaftError {
  constructor(message: string, options: RaftErrorOptions = {}) {
    super('ERR_RAFT_DECODE', message, options)
  }
}

/** A snapshot cannot be written, read or taken now; the text says why. */
export class SnapshotError extends RaftError {
  constructor(message: string, options: RaftErrorOptions = {}) {
    super('ERR_RAFT_SNAPSHOT', message, options)
  }
}

/** A store failed. The node stops itself and keeps what is durable. */
export class StoreError extends RaftError {
  constructor(message: string, options: RaftErrorOptions = {}) {
    super('ERR_RAFT_STORE', message, options)
  }
}

/** Stored bytes are damaged; the message names the file and what to do. */
export class CorruptError extends RaftError {
  constructor(message: string, options: RaftErrorOptions = {}) {
    super('ERR_RAFT_CORRUPT', message, options)
  }
}

/**
 * The FSM threw. The node stops itself; it will throw again at the same entry after a restart, so mend the FSM (all
 * nodes alike) before you start it again.
 */
export class FSMError extends RaftError {
  /** The index of the entry that the FSM failed on, 0 outside `apply`. */
  readonly index: number

  constructor(message: string, options: RaftErrorOptions & { readonly index?: number } = {}) {
    super('ERR_RAFT_FSM', message, options)
    this.index = options.index ?? 0
  }
}

/** A node cannot start on what its stores hold; the message names the indexes and what to do. */
export class StartError extends RaftError {
  constructor(message: string, options: RaftErrorOptions = {}) {
    super('ERR_RAFT_START', message, options)
  }
}
