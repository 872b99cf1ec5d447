import type { Log } from './log.ts'

/**
 * What every request says of its sender. Bytes as they travel: `undefined` is Go's nil and differs from empty.
 * Responses carry one too: one that names another server than the one that was asked counts as a failed call.
 */
export interface RPCHeader {
  readonly protocolVersion: number
  readonly id?: Uint8Array | undefined
  readonly address?: Uint8Array | undefined
}

/** Whatever carries an `RPCHeader`. */
export interface WithRPCHeader {
  /** Who sends it, and which protocol version it runs. */
  readonly header: RPCHeader
}

/** Replicates entries, or is a heartbeat: one without entries whose three log positions are 0 (spec §1.12). */
export interface AppendEntriesRequest extends WithRPCHeader {
  readonly term: number
  /** The leader's address; the same bytes as the header's, for versions that know no header. */
  readonly leader?: Uint8Array | undefined
  /** Index of the entry before the first one sent; 0 at the start of the log. */
  readonly prevLogEntry: number
  readonly prevLogTerm: number
  /** Contiguous from `prevLogEntry + 1`. `undefined` is nil (a heartbeat), which differs from an empty list on the wire. */
  readonly entries?: readonly Log[] | undefined
  readonly leaderCommitIndex: number
}

/** The answer to an `AppendEntriesRequest`. */
export interface AppendEntriesResponse extends WithRPCHeader {
  readonly term: number
  /** The responder's last index before it appended; where the leader goes on after a refusal. */
  readonly lastLog: number
  readonly success: boolean
  /** The refusal is about positions, so that trying again at once makes sense. */
  readonly noRetryBackoff: boolean
}

/** Asks for a vote (thesis 3.4). */
export interface RequestVoteRequest extends WithRPCHeader {
  readonly term: number
  /** The candidate's address; the same bytes as the header's. */
  readonly candidate?: Uint8Array | undefined
  readonly lastLogIndex: number
  readonly lastLogTerm: number
  /** The candidate was told to campaign by the leader, so that a known leader is no reason to refuse. */
  readonly leadershipTransfer: boolean
}

/** The answer to a `RequestVoteRequest`. */
export interface RequestVoteResponse extends WithRPCHeader {
  readonly term: number
  /** Legacy peers; filled only by protocol version 1. */
  readonly peers?: Uint8Array | undefined
  readonly granted: boolean
}

/** Asks whether a vote would be granted (thesis 9.6). Changes nothing at the receiver. */
export interface RequestPreVoteRequest extends WithRPCHeader {
  /** The term that the sender would campaign in. */
  readonly term: number
  readonly lastLogIndex: number
  readonly lastLogTerm: number
}

/** The answer to a `RequestPreVoteRequest`. */
export interface RequestPreVoteResponse extends WithRPCHeader {
  readonly term: number
  readonly granted: boolean
}

/** Precedes `size` raw bytes of a snapshot. */
export interface InstallSnapshotRequest extends WithRPCHeader {
  /** 0 (membership is `peers`) or 1 (membership is `configuration`). */
  readonly snapshotVersion: number
  readonly term: number
  readonly leader?: Uint8Array | undefined
  /** The last entry that the snapshot includes. */
  readonly lastLogIndex: number
  readonly lastLogTerm: number
  /** Legacy peers. */
  readonly peers?: Uint8Array | undefined
  /** As `encodeConfiguration` writes it. */
  readonly configuration?: Uint8Array | undefined
  readonly configurationIndex: number
  /** Bytes that follow the request. */
  readonly size: number
}

/** The answer to an `InstallSnapshotRequest`, sent once all its bytes were received. */
export interface InstallSnapshotResponse extends WithRPCHeader {
  readonly term: number
  readonly success: boolean
}

/** Tells the receiver to campaign at once (thesis 3.10). */
export interface TimeoutNowRequest extends WithRPCHeader {}

/** The answer to a `TimeoutNowRequest`. */
export interface TimeoutNowResponse extends WithRPCHeader {}

/** Each request by its name. */
export interface RPCRequests {
  readonly appendEntries: AppendEntriesRequest
  readonly requestVote: RequestVoteRequest
  readonly installSnapshot: InstallSnapshotRequest
  readonly timeoutNow: TimeoutNowRequest
  readonly requestPreVote: RequestPreVoteRequest
}

/** Each response by the name of its request. */
export interface RPCResponses {
  readonly appendEntries: AppendEntriesResponse
  readonly requestVote: RequestVoteResponse
  readonly installSnapshot: InstallSnapshotResponse
  readonly timeoutNow: TimeoutNowResponse
  readonly requestPreVote: RequestPreVoteResponse
}

/** The name of a request. */
export type RPCName = keyof RPCRequests
