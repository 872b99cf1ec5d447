import {
  type AppendEntriesRequest,
  type AppendEntriesResponse,
  type AppendPipeline,
  type Clock,
  ConnectionError,
  type HeartbeatHandler,
  type InstallSnapshotRequest,
  type InstallSnapshotResponse,
  type LoopbackTransport,
  type AnyRPC,
  type Peer,
  type RequestPreVoteRequest,
  type RequestPreVoteResponse,
  type RequestVoteRequest,
  type RequestVoteResponse,
  type RPC,
  type RPCHandler,
  type RPCName,
  type RPCResponses,
  RPCTimeoutError,
  type ServerAddress,
  systemClock,
  type TimeoutNowRequest,
  type TimeoutNowResponse,
  type Timer,
  type Transport,
  TransportShutdownError,
} from '@raft/core'
import { newInmemAddress } from './inmem-address.ts'
import { type CallContent, InmemCall, OpenCalls } from './inmem-call.ts'
import { InmemPipeline, unreachable } from './inmem-pipeline.ts'
import { isHeartbeat } from './heartbeat.ts'

/** Requests that may wait for a handler. Senders of more time out with `send timed out`. */
const QUEUE = 16

const resolved = Promise.resolve()

/** InstallSnapshot and TimeoutNow get this many times the timeout. */
const LONG = 10

/** How a transport in memory is made. */
export interface InmemTransportOptions {
  /** Where peers reach it. Default: a new one. */
  readonly address?: ServerAddress | undefined
  /** Milliseconds for a request and its answer; ten times that for InstallSnapshot and TimeoutNow. Default 500. */
  readonly timeout?: number | undefined
  /** Whose milliseconds. Default: the system's. */
  readonly clock?: Clock | undefined
}

/**
 * Carries requests between servers of one process. Routes are made by hand and lead one way: `a.connect(b)` lets `a` ask
 * `b`. Requests are handed over as they are, not copied.
 */
export class InmemTransport implements LoopbackTransport {
  readonly localAddress: ServerAddress
  readonly #timeout: number
  readonly #clock: Clock
  readonly #routes = new Map<ServerAddress, InmemTransport>()
  readonly #pipelines = new Set<InmemPipeline>()
  /** Calls that this transport made and that are not over. */
  readonly #outgoing = new Set<InmemCall>()
  /** Calls of others that were handed to the handler and are not over. */
  readonly #incoming = new OpenCalls()
  /** Came in before there was a handler. The first few count as taken. */
  readonly #queue: InmemCall[] = []
  #handler: RPCHandler | undefined
  #heartbeatHandler: HeartbeatHandler | undefined
  #closed = false

  constructor(options: InmemTransportOptions = {}) {
    this.localAddress = options.address || newInmemAddress()
    this.#timeout = options.timeout ?? 500
    this.#clock = options.clock ?? systemClock()
  }

  setRPCHandler(handler: RPCHandler): void {
    this.#handler = handler
    for (const call of this.#queue.splice(0)) this.#deliver(call)
  }

  setHeartbeatHandler(handler: HeartbeatHandler | undefined): void {
    this.#heartbeatHandler = handler
  }

  /** Opens the way to a peer. The address is the one that configurations name; the transport must be of this class. */
  connect(address: ServerAddress, transport: Transport): void {
    if (!(transport instanceof InmemTransport)) throw new TypeError('connect takes another InmemTransport')
    this.#routes.set(address, transport)
  }

  /** Whether there is a way to the peer. */
  isConnected(address: ServerAddress): boolean {
    return this.#routes.has(address)
  }

  /** Closes the way to a peer, and the pipelines that use it. A request that is already there is still answered. */
  disconnect(address: ServerAddress): void {
    const peer = this.#routes.get(address)
    this.#routes.delete(address)
    for (const pipeline of this.#pipelines) if (pipeline.peer === peer) pipeline.close()
  }

  /** Closes all ways, and all pipelines. */
  disconnectAll(): void {
    this.#routes.clear()
    for (const pipeline of this.#pipelines) pipeline.close()
  }

  appendEntriesPipeline(peer: Peer): AppendPipeline {
    if (this.#closed) throw new TransportShutdownError()
    const target = this.#routes.get(peer.address)
    if (target === undefined) throw unreachable(peer.address)
    const pipeline: InmemPipeline = new InmemPipeline(target, {
      clock: this.#clock,
      timeout: this.#timeout,
      send: (request, ended) => this.#open(peer, new InmemCall({ type: 'appendEntries', command: request }, ended)),
      closed: (closed) => this.#pipelines.delete(closed),
    })
    this.#pipelines.add(pipeline)
    return pipeline
  }

  appendEntries(peer: Peer, request: AppendEntriesRequest): Promise<AppendEntriesResponse> {
    return this.#call(peer, { type: 'appendEntries', command: request })
  }

  requestVote(peer: Peer, request: RequestVoteRequest): Promise<RequestVoteResponse> {
    return this.#call(peer, { type: 'requestVote', command: request })
  }

  requestPreVote(peer: Peer, request: RequestPreVoteRequest): Promise<RequestPreVoteResponse> {
    return this.#call(peer, { type: 'requestPreVote', command: request })
  }

  installSnapshot(
    peer: Peer,
    request: InstallSnapshotRequest,
    data: AsyncIterable<Uint8Array>,
  ): Promise<InstallSnapshotResponse> {
    return this.#call(peer, { type: 'installSnapshot', command: request, data, size: request.size }, LONG)
  }

  timeoutNow(peer: Peer, request: TimeoutNowRequest): Promise<TimeoutNowResponse> {
    return this.#call(peer, { type: 'timeoutNow', command: request }, LONG)
  }

  encodePeer(peer: Peer): Uint8Array {
    return new TextEncoder().encode(peer.address)
  }

  decodePeer(bytes: Uint8Array): ServerAddress {
    return new TextDecoder().decode(bytes)
  }

  /** Rejects what is under way, from here and to here. A second call does nothing. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.disconnectAll()
    for (const call of this.#outgoing) call.fail(new TransportShutdownError())
    for (const call of [...this.#queue.splice(0), ...this.#incoming.all()]) {
      call.fail(new ConnectionError('connection closed'))
    }
  }

  #call<K extends RPCName>(peer: Peer, content: CallContent<K>, scale = 1): Promise<RPCResponses[K]> {
    return new Promise((resolve, reject) => {
      let timer: Timer | undefined
      const call = new InmemCall(content, (response, error) => {
        if (timer !== undefined) this.#clock.clearTimer(timer)
        this.#outgoing.delete(call as unknown as InmemCall)
        if (error === undefined) resolve(response!)
        else reject(error)
      })
      const expireAs = (message: string): void => {
        if (timer !== undefined) this.#clock.clearTimer(timer)
        timer = this.#clock.setTimer(() => call.fail(new RPCTimeoutError(message)), this.#timeout * scale)
      }
      this.#outgoing.add(call as unknown as InmemCall)
      this.#open(peer, call)
      if (call.settled) return
      // The time counts anew from the moment the peer took the request: a long queue is not the handler's fault.
      expireAs('send timed out')
      call.onTaken = () => expireAs('command timed out')
    })
  }

  /** Starts a call. It may be over already, if there is no way to the peer. */
  #open<K extends RPCName>(peer: Peer, call: InmemCall<K>): InmemCall<K> {
    const target = this.#routes.get(peer.address)
    if (this.#closed) call.fail(new TransportShutdownError())
    else if (target === undefined || target.#closed) call.fail(unreachable(peer.address))
    // Never within the sender's call: a handler may send, and its sender is not done yet.
    else void resolved.then(() => target.#take(call as unknown as InmemCall))
    return call
  }

  #take(call: InmemCall): void {
    if (call.settled) return
    if (this.#closed) call.fail(new ConnectionError('connection closed'))
    else if (this.#handler !== undefined) this.#deliver(call)
    else if (this.#queue.push(call) <= QUEUE) call.onTaken?.()
  }

  #deliver(call: InmemCall): void {
    if (call.settled) return
    this.#incoming.add(call)
    call.onTaken?.()
    const rpc = call as AnyRPC
    if (this.#heartbeatHandler !== undefined && isHeartbeat(rpc)) this.#heartbeatHandler(rpc as RPC<'appendEntries'>)
    else this.#handler!(rpc)
  }
}
