import {
  type AnyRPC,
  type AppendEntriesRequest,
  type AppendEntriesResponse,
  type AppendPipeline,
  type HeartbeatHandler,
  type InstallSnapshotRequest,
  type InstallSnapshotResponse,
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
  type TimeoutNowRequest,
  type TimeoutNowResponse,
  type Transport,
  TransportShutdownError,
} from '@raft/core'
import { isHeartbeat } from '../transport/heartbeat.ts'
import { Exchange, type ExchangeContent, type Stream } from './exchange.ts'
import type { SimulatedNetwork } from './simulated-network.ts'
import { SimulatedPipeline } from './simulated-pipeline.ts'
import type { SimulatedProcess } from './simulated-process.ts'

/** Snapshots get this many times the timeout. */
const LONG = 5

/** One process's end of a `SimulatedNetwork`. */
export class SimulatedTransport implements Transport {
  readonly localAddress: ServerAddress
  readonly process: SimulatedProcess
  readonly #network: SimulatedNetwork
  readonly #timeout: number
  readonly #outgoing = new Set<Exchange>()
  /** Requests of others that wait for an answer. */
  readonly #incoming = new Set<Exchange>()
  readonly #pipelines = new Set<SimulatedPipeline>()
  #early: { readonly exchange: Exchange; readonly rpc: AnyRPC }[] = []
  #handler: RPCHandler | undefined
  #heartbeatHandler: HeartbeatHandler | undefined
  #closed = false

  /** @internal Made by `SimulatedNetwork.open`. */
  constructor(
    network: SimulatedNetwork,
    options: { readonly process: SimulatedProcess; readonly address: ServerAddress; readonly timeout: number },
  ) {
    this.#network = network
    this.process = options.process
    this.localAddress = options.address
    this.#timeout = options.timeout
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** Whether a snapshot is on its way from here, or its answer back. */
  get isSendingSnapshot(): boolean {
    for (const { content } of this.#outgoing) if (content.type === 'installSnapshot') return true
    return false
  }

  setRPCHandler(handler: RPCHandler): void {
    this.#handler = handler
    for (const { exchange, rpc } of this.#early.splice(0)) this.receive(exchange, rpc)
  }

  setHeartbeatHandler(handler: HeartbeatHandler | undefined): void {
    this.#heartbeatHandler = handler
  }

  appendEntriesPipeline(peer: Peer): AppendPipeline {
    if (this.#closed) throw new TransportShutdownError()
    const pipeline: SimulatedPipeline = new SimulatedPipeline({
      now: () => this.process.clock.now(),
      send: (request, stream) => this.exchange(peer, { type: 'appendEntries', command: request }, { stream }),
      closed: () => this.#pipelines.delete(pipeline),
    })
    this.#pipelines.add(pipeline)
    return pipeline
  }

  appendEntries(peer: Peer, request: AppendEntriesRequest): Promise<AppendEntriesResponse> {
    return this.#ask(peer, { type: 'appendEntries', command: request })
  }

  requestVote(peer: Peer, request: RequestVoteRequest): Promise<RequestVoteResponse> {
    return this.#ask(peer, { type: 'requestVote', command: request })
  }

  requestPreVote(peer: Peer, request: RequestPreVoteRequest): Promise<RequestPreVoteResponse> {
    return this.#ask(peer, { type: 'requestPreVote', command: request })
  }

  installSnapshot(
    peer: Peer,
    request: InstallSnapshotRequest,
    data: AsyncIterable<Uint8Array>,
  ): Promise<InstallSnapshotResponse> {
    return this.exchange(peer, { type: 'installSnapshot', command: request, data }, { scale: LONG }).answer
  }

  timeoutNow(peer: Peer, request: TimeoutNowRequest): Promise<TimeoutNowResponse> {
    return this.#ask(peer, { type: 'timeoutNow', command: request })
  }

  encodePeer(peer: Peer): Uint8Array {
    return new TextEncoder().encode(peer.address)
  }

  decodePeer(bytes: Uint8Array): ServerAddress {
    return new TextDecoder().decode(bytes)
  }

  /** Ends everything that is under way, and is reached no more. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#network.close(this)
    for (const pipeline of this.#pipelines) pipeline.close()
    for (const exchange of this.#outgoing) exchange.fail(new TransportShutdownError())
  }

  /** @internal The process is gone, or the transport closed: who waits for its answers is told. */
  breakOff(): void {
    for (const exchange of this.#incoming) exchange.reset('connection reset by peer')
    this.#incoming.clear()
    this.#early = []
  }

  /** @internal Sends a request. */
  exchange<K extends RPCName>(
    peer: Peer,
    content: ExchangeContent<K>,
    { stream, scale = 1 }: { readonly stream?: Stream | undefined; readonly scale?: number } = {},
  ): Exchange<K> {
    const exchange = new Exchange(this.#network, { from: this, peer, stream }, content)
    const own = exchange as unknown as Exchange
    if (this.#closed) {
      exchange.fail(new TransportShutdownError())
      return exchange
    }
    if (this.process.isDead) return exchange
    this.#outgoing.add(own)
    const { clock } = this.process
    const deadline = clock.setTimer(
      () => exchange.fail(new RPCTimeoutError('command timed out')),
      this.#timeout * scale,
    )
    exchange.onSettled = () => {
      clock.clearTimer(deadline)
      this.#outgoing.delete(own)
    }
    this.#send(own)
    return exchange
  }

  /** @internal A request has come in. */
  receive(exchange: Exchange, rpc: AnyRPC): void {
    if (this.#handler === undefined) {
      this.#early.push({ exchange, rpc })
      return
    }
    this.#incoming.add(exchange)
    if (this.#heartbeatHandler !== undefined && isHeartbeat(rpc)) this.#heartbeatHandler(rpc as RPC<'appendEntries'>)
    else this.#handler(rpc)
  }

  /** @internal An answer was given. */
  answered(exchange: Exchange): void {
    this.#incoming.delete(exchange)
  }

  #ask<K extends RPCName>(peer: Peer, content: ExchangeContent<K>): Promise<RPCResponses[K]> {
    return this.exchange(peer, content).answer
  }

  #send(exchange: Exchange): void {
    const { type, command } = exchange.content
    const { to, stream } = exchange
    exchange.sent = this.#network.observer?.requesting?.({ from: this, to, type, command })
    const arrive = (): void => {
      this.#network.arrived(this.localAddress, to, type, command)
      const receiver = this.#network.at(to)
      if (receiver === undefined) exchange.reset('connection refused')
      else receiver.process.run(() => exchange.arrive(receiver))
    }
    this.#network.travel(this.localAddress, to, stream, 'requests', arrive)
    const echo = stream === undefined && exchange.content.data === undefined ? this.#network.links.echo() : undefined
    if (echo === undefined) return
    this.#network.counts.repeated += 1
    const arriveAgain = (): void => {
      if (type === 'timeoutNow') this.#network.campaignsRepeated += 1
      arrive()
    }
    const wait = (): void => void this.#network.clock.setTimer(arriveAgain, echo)
    this.#network.travel(this.localAddress, to, undefined, 'requests', wait)
  }
}
