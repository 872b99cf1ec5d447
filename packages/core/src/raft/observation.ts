import type { Server } from '../types/configuration.ts'
import type { Peer, ServerID } from '../types/identity.ts'
import type { RequestPreVoteRequest, RequestVoteRequest } from '../types/messages.ts'
import type { RaftState } from '../types/raft-state.ts'

/** The node's role has changed. */
export interface StateObservation {
  readonly type: 'state'
  readonly state: RaftState
}

/** The leader that this node knows of has changed; `undefined` when it knows none any more. */
export interface LeaderObservation {
  readonly type: 'leader'
  readonly leader: Peer | undefined
}

/** This node leads and has begun, or stopped, to replicate to a server. */
export interface PeerObservation {
  readonly type: 'peer'
  readonly removed: boolean
  readonly peer: Server
}

/** This node leads and a heartbeat to a server failed. */
export interface FailedHeartbeatObservation {
  readonly type: 'failed-heartbeat'
  readonly peerID: ServerID
  /** When the server last answered. */
  readonly lastContact: Date
}

/** This node leads and a server whose heartbeats had failed answers again. */
export interface ResumedHeartbeatObservation {
  readonly type: 'resumed-heartbeat'
  readonly peerID: ServerID
}

/** A request for a vote came in. */
export interface RequestVoteObservation {
  readonly type: 'request-vote'
  readonly request: RequestVoteRequest
}

/** A request for a pre-vote came in. */
export interface RequestPreVoteObservation {
  readonly type: 'request-pre-vote'
  readonly request: RequestPreVoteRequest
}

/** The node stops itself; the last thing that is observed of it besides the state `Shutdown`. */
export interface FailureObservation {
  readonly type: 'failure'
  readonly error: Error
}

/** What was observed, told apart by `type`. */
export type ObservationData =
  | StateObservation
  | LeaderObservation
  | PeerObservation
  | FailedHeartbeatObservation
  | ResumedHeartbeatObservation
  | RequestVoteObservation
  | RequestPreVoteObservation
  | FailureObservation

/** The node that was observed, as much of it as tells nodes apart. */
export interface ObservedNode {
  readonly state: RaftState
  readonly leader: Peer | undefined
  toString(): string
}

/** Something that happened to a node. */
export interface Observation {
  /** The `Raft` it happened to: for an observer of several. */
  readonly raft: ObservedNode
  readonly data: ObservationData
}

/** Whether an observer wants an observation. Quick, and without a throw: one counts as `false`. */
export type FilterFn = (observation: Observation) => boolean
