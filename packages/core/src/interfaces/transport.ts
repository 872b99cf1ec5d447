import type { Peer, ServerAddress } from '../types/identity.ts'
import type {
  AppendEntriesRequest,
  AppendEntriesResponse,
  InstallSnapshotRequest,
  InstallSnapshotResponse,
  RPCName,
  RPCRequests,
  RPCResponses,
  RequestPreVoteRequest,
  RequestPreVoteResponse,
  RequestVoteRequest,
  RequestVoteResponse,
  TimeoutNowRequest,
  TimeoutNowResponse,
} from '../types/messages.ts'
import type { Awaitable } from './awaitable.ts'

/** The answer to an RPC: a message, an error, or both. */
export interface RPCResponse<K extends RPCName = RPCName> {
  readonly response?: RPCResponses[K] | undefined
  readonly error?: Error | undefined
}

/** A request that came in. It is answered exactly once. */
export interface RPC<K extends RPCName = RPCName> {
  readonly type: K
  readonly command: RPCRequests[K]
  /** The bytes that follow an InstallSnapshot, of the size that the request names. What is not read is drained. */
  readonly reader?: AsyncIterable<Uint8Array> | undefined
  /** Sends the answer. An error's text travels; the response beside it is optional then. A second call does nothing. */
  respond(response: RPCResponses[K] | undefined, error?: Error): void
}

/** A request of any kind, told apart by `type`. */
export type AnyRPC = { [K in RPCName]: RPC<K> }[RPCName]

/** Takes the requests that come in. Never throws, never waits. */
export type RPCHandler = (rpc: AnyRPC) => void

/** Takes the heartbeats that come in, if they are told apart. */
export type HeartbeatHandler = (rpc: RPC<'appendEntries'>) => void

/** A request under way in a pipeline. */
export interface AppendFuture {
  /** When it was handed to the pipeline, by the transport's clock. */
  readonly started: number
  readonly request: AppendEntriesRequest
  readonly response: Promise<AppendEntriesResponse>
}

/** Sends AppendEntries to one peer without waiting for each answer. Answers come in the order of the requests. */
export interface AppendPipeline {
  /** Resolves once the request was taken; it waits while the pipeline is full. Rejects with `PipelineShutdownError` when closed. */
  appendEntries(request: AppendEntriesRequest): Awaitable<AppendFuture>
  /** Ends the connection; answers still owed are rejected. */
  close(): Awaitable<void>
}

/**
 * Carries requests between servers. Every call may run beside every other. A promise rejects if the peer cannot be
 * reached, does not answer in time, or answers with an error (`RemoteError`, whose text is the peer's); whether the
 * request arrived is then unknown. Requests and entries are borrowed until the promise settles.
 */
export interface Transport {
  /** Where peers reach this server. */
  readonly localAddress: ServerAddress
  /** Who takes the requests that come in; those that came before wait. */
  setRPCHandler(handler: RPCHandler): void
  /** Who takes heartbeats, if not the handler of all requests. */
  setHeartbeatHandler(handler: HeartbeatHandler | undefined): void
  /** Opens a pipeline. Rejects with `PipelineReplicationNotSupportedError` where there is none; the node then does without. */
  appendEntriesPipeline(peer: Peer): Awaitable<AppendPipeline>
  /** Sends entries, or a heartbeat, and waits for the answer. */
  appendEntries(peer: Peer, request: AppendEntriesRequest): Promise<AppendEntriesResponse>
  /** Asks for a vote and waits for the answer. */
  requestVote(peer: Peer, request: RequestVoteRequest): Promise<RequestVoteResponse>
  /** Absent in a transport that knows no pre-vote; the node then campaigns without. */
  requestPreVote?(peer: Peer, request: RequestPreVoteRequest): Promise<RequestPreVoteResponse>
  /** Sends the request, then `request.size` bytes of `data`, with back-pressure. */
  installSnapshot(
    peer: Peer,
    request: InstallSnapshotRequest,
    data: AsyncIterable<Uint8Array>,
  ): Promise<InstallSnapshotResponse>
  /** Tells the peer to campaign at once, and waits for the answer. */
  timeoutNow(peer: Peer, request: TimeoutNowRequest): Promise<TimeoutNowResponse>
  /** The bytes that stand for a peer on the wire: its address, as the address provider has it. */
  encodePeer(peer: Peer): Uint8Array
  /** The address that `encodePeer` made bytes of. */
  decodePeer(bytes: Uint8Array): ServerAddress
  /** Ends all connections; requests under way are rejected. */
  close?(): Awaitable<void>
}

/** A transport that carries pre-votes. */
export interface WithPreVote {
  /** Asks whether a vote would be granted, and waits for the answer. */
  requestPreVote(peer: Peer, request: RequestPreVoteRequest): Promise<RequestPreVoteResponse>
}

/** A transport that can be closed. */
export interface WithClose {
  /** Ends all connections; requests under way are rejected. */
  close(): Awaitable<void>
}

/** A transport whose routes are made by hand, in memory. */
export interface WithPeers {
  /** Opens the way to a peer. */
  connect(address: ServerAddress, transport: Transport): void
  /** Closes the way to a peer. */
  disconnect(address: ServerAddress): void
  /** Closes all ways. */
  disconnectAll(): void
}

/** A transport in memory with everything optional (`LoopbackTransport`). */
export interface LoopbackTransport extends Transport, WithPeers, WithClose, WithPreVote {
  requestPreVote(peer: Peer, request: RequestPreVoteRequest): Promise<RequestPreVoteResponse>
  close(): Awaitable<void>
}
