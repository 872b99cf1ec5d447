import type {
  AppendPipeline,
  HeartbeatHandler,
  RPCHandler,
  Transport,
  WithClose,
  WithPreVote,
} from '../interfaces/transport.ts'
import { PipelineReplicationNotSupportedError, TransportShutdownError } from '../types/errors.ts'
import type { Peer, ServerAddress } from '../types/identity.ts'
import type {
  AppendEntriesRequest,
  AppendEntriesResponse,
  InstallSnapshotRequest,
  InstallSnapshotResponse,
  RequestPreVoteRequest,
  RequestPreVoteResponse,
  RequestVoteRequest,
  RequestVoteResponse,
  TimeoutNowRequest,
  TimeoutNowResponse,
} from '../types/messages.ts'
import { AppendEntriesPipeline } from './append-entries-pipeline.ts'
import {
  DEFAULT_TIMEOUT_SCALE,
  type NetworkTransportConfig,
  type Settings,
  settingsOf,
} from './network-transport-config.ts'
import { RPCClient } from './rpc-client.ts'
import { RPCServer } from './rpc-server.ts'
import { textOf } from './sender-check.ts'
import { sendSnapshot } from './snapshot-sender.ts'
import type { StreamLayer } from './stream-layer.ts'

/**
 * Carries requests over the connections of a `StreamLayer`, in the bytes of hashicorp/raft (spec, chapter 1). It accepts
 * connections from when it is made; requests wait until `setRPCHandler` says who takes them.
 *
 * Every request has a connection to itself until it is answered, and a pipeline and a snapshot have one each, so that a
 * heartbeat waits behind nothing. Connections that are idle are kept and used again. Every method may be called at any
 * time, beside every other; after `close` they reject with `TransportShutdownError`.
 */
export class NetworkTransport implements Transport, WithPreVote, WithClose {
  /** Bytes of a snapshot for which each `timeout` lasts; a snapshot may take at least one. */
  timeoutScale: number = DEFAULT_TIMEOUT_SCALE
  readonly #layer: StreamLayer
  readonly #settings: Settings
  readonly #client: RPCClient
  readonly #server: RPCServer
  #closing: Promise<void> | undefined

  constructor(config: NetworkTransportConfig) {
    this.#layer = config.stream
    this.#settings = settingsOf(config)
    this.#client = new RPCClient(this.#layer, this.#settings)
    this.#server = new RPCServer(this.#layer, this.#settings, ({ address }) => this.#client.heardFrom(textOf(address)))
  }

  /** Where others reach this server: the stream layer's address. */
  get localAddress(): ServerAddress {
    return this.#layer.address
  }

  /** Whether `close` was called. */
  get isShutdown(): boolean {
    return this.#closing !== undefined
  }

  /** Says who takes requests; those that came before are handed over. */
  setRPCHandler(handler: RPCHandler): void {
    this.#server.setHandler(handler)
  }

  /** Says who takes heartbeats (spec §1.12), if not the handler of all requests. */
  setHeartbeatHandler(handler: HeartbeatHandler | undefined): void {
    this.#server.setHeartbeatHandler(handler)
  }

  /**
   * Opens a pipeline on a connection of its own. Rejects with `PipelineReplicationNotSupportedError` if `maxRPCsInFlight`
   * is less than 2, and with `ConnectionError` if the peer cannot be reached.
   */
  async appendEntriesPipeline(peer: Peer): Promise<AppendPipeline> {
    this.#assertOpen()
    const { maxRPCsInFlight: window, clock, timeout } = this.#settings
    if (window < 2) throw new PipelineReplicationNotSupportedError()
    const connection = await this.#client.openPipeline(peer)
    return new AppendEntriesPipeline({ connection, peer, clock, timeout, window })
  }

  /** Sends entries, or a heartbeat, and waits for the answer, `timeout` at most. */
  async appendEntries(peer: Peer, request: AppendEntriesRequest): Promise<AppendEntriesResponse> {
    this.#assertOpen()
    return this.#client.call('appendEntries', peer, request)
  }

  /** Asks for a vote and waits for the answer, `timeout` at most. */
  async requestVote(peer: Peer, request: RequestVoteRequest): Promise<RequestVoteResponse> {
    this.#assertOpen()
    return this.#client.call('requestVote', peer, request)
  }

  /**
   * Asks whether a vote would be granted. Rejects with `PreVoteNotSupportedError` if the peer ends a new connection upon
   * the question although it has answered, or sent, other requests: it is older than pre-votes.
   */
  async requestPreVote(peer: Peer, request: RequestPreVoteRequest): Promise<RequestPreVoteResponse> {
    this.#assertOpen()
    return this.#client.call('requestPreVote', peer, request)
  }

  /**
   * Sends a snapshot of `request.size` bytes on a connection of its own, as fast as the peer takes it, and waits for the
   * answer. The whole may take `timeout` for every `timeoutScale` bytes, and `timeout` at least. `data` is closed when it
   * was read, or when the transfer ends early. Rejects with `SnapshotError` if `data` ends before that.
   */
  async installSnapshot(
    peer: Peer,
    request: InstallSnapshotRequest,
    data: AsyncIterable<Uint8Array>,
  ): Promise<InstallSnapshotResponse> {
    this.#assertOpen()
    const connection = await this.#client.open(peer)
    const timeout = this.#settings.timeout * Math.max(1, Math.floor(request.size / Math.max(1, this.timeoutScale)))
    return sendSnapshot({ connection, peer, request, data, timeout })
  }

  /** Tells the peer to campaign at once, and waits for the answer, `timeout` at most. */
  async timeoutNow(peer: Peer, request: TimeoutNowRequest): Promise<TimeoutNowResponse> {
    this.#assertOpen()
    return this.#client.call('timeoutNow', peer, request)
  }

  /** The peer's address, as the address provider has it, in UTF-8. */
  encodePeer(peer: Peer): Uint8Array {
    return new TextEncoder().encode(this.#client.resolve(peer))
  }

  /** The address that `encodePeer` made bytes of. */
  decodePeer(bytes: Uint8Array): ServerAddress {
    return textOf(bytes)
  }

  /**
   * Ends every connection, so that what follows uses new ones: idle ones and pipelines now, the others once the request
   * under way is answered. For example after certificates were renewed. The transport stays open.
   */
  closeStreams(): void {
    this.#client.closeStreams()
    this.#server.closeStreams()
  }

  /**
   * Ends every connection and the stream layer. Requests under way reject with `TransportShutdownError`. Resolved once
   * the layer is closed; a second call waits for the first.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#client.close()
    this.#server.close()
    await this.#layer.close()
  }

  #assertOpen(): void {
    if (this.isShutdown) throw new TransportShutdownError()
  }
}
