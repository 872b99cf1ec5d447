import {
  type AnyRPC,
  ConnectionError,
  type Peer,
  RemoteError,
  type RPC,
  type RPCName,
  type RPCResponse,
  type RPCRequests,
  type RPCResponses,
  type ServerAddress,
} from '@raft/core'
import type { SimulatedNetwork } from './simulated-network.ts'
import type { SimulatedTransport } from './simulated-transport.ts'
import { Transfer } from './transfer.ts'

/** What a request carries. */
export interface ExchangeContent<K extends RPCName> {
  readonly type: K
  readonly command: RPCRequests[K]
  readonly data?: AsyncIterable<Uint8Array> | undefined
}

/** The order of the messages of one connection. */
export interface Stream {
  /** Nothing that is sent now arrives before this. */
  requestsAfter: number
  responsesAfter: number
  /** Something was lost: nothing that is sent later arrives. */
  broken: boolean
}

/** A request and its answer, each on its own way through the network. Settles once. */
export class Exchange<K extends RPCName = RPCName> {
  readonly content: ExchangeContent<K>
  readonly answer: Promise<RPCResponses[K]>
  readonly from: SimulatedTransport
  readonly peer: Peer
  readonly stream: Stream | undefined
  /** What the network's observer noted when the request left. */
  sent: unknown
  /** Called when it is over. */
  onSettled: (() => void) | undefined
  #resolve!: (response: RPCResponses[K]) => void
  #reject!: (error: Error) => void
  #settled = false
  #transfer: Transfer | undefined
  readonly #network: SimulatedNetwork

  constructor(
    network: SimulatedNetwork,
    route: { from: SimulatedTransport; peer: Peer; stream?: Stream | undefined },
    content: ExchangeContent<K>,
  ) {
    this.#network = network
    this.content = content
    this.from = route.from
    this.peer = route.peer
    this.stream = route.stream
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.answer.catch(() => {})
  }

  get to(): ServerAddress {
    return this.peer.address
  }

  get isSettled(): boolean {
    return this.#settled
  }

  /** The request has arrived at a server; its handler is given what it needs to answer. */
  arrive(receiver: SimulatedTransport): void {
    const { type, data } = this.content
    const command = this.#network.carryRequest(type, this.content.command)
    if (data !== undefined) this.#transfer = new Transfer(this as unknown as Exchange, receiver, this.#network)
    const noted = this.#network.observer?.receiving?.(receiver)
    let answered = false
    const rpc: RPC<K> = {
      type,
      command,
      reader: this.#transfer,
      respond: (response, error) => {
        if (answered) return
        answered = true
        this.#respond(receiver, noted, { response, error })
      },
    }
    receiver.receive(this as unknown as Exchange, rpc as AnyRPC)
  }

  /** The sender learns that it will get no answer. */
  fail(error: Error): void {
    if (this.#settled) return
    this.#end()
    this.#reject(error)
  }

  /** The connection breaks: the sender learns of it if word gets through. */
  reset(reason: string): void {
    this.#network.travel(this.to, this.from.localAddress, this.stream, 'responses', () => {
      this.from.process.run(() => this.fail(new ConnectionError(reason)))
    })
  }

  #respond(receiver: SimulatedTransport, noted: unknown, { response, error }: RPCResponse<K>): void {
    receiver.answered(this as unknown as Exchange)
    if (receiver.process.isDead || receiver.isClosed) return
    const { type, command } = this.content
    const noticed = this.#network.observer?.responding?.({
      from: receiver,
      to: this.from,
      type,
      command,
      response,
      error,
      noted,
    })
    if (response === undefined && error === undefined) return this.reset('connection closed')
    const carried = response === undefined ? undefined : this.#network.carryResponse(type, response)
    this.#network.travel(receiver.localAddress, this.from.localAddress, this.stream, 'responses', () => {
      this.#network.arrived(receiver.localAddress, this.from.localAddress, type, response)
      this.from.process.run(() => this.#finish(carried, error, noticed))
    })
  }

  #finish(response: RPCResponses[K] | undefined, error: Error | undefined, answered: unknown): void {
    if (this.#settled) return
    if (error !== undefined || response === undefined)
      return this.fail(new RemoteError(error?.message ?? 'empty response'))
    this.#end()
    const { from, peer, sent } = this
    const { type, command } = this.content
    this.#network.observer?.answered?.({ asked: peer.id, answered, to: from, type, command, response, sent })
    this.#resolve(response)
  }

  #end(): void {
    this.#settled = true
    this.#transfer?.stop()
    this.onSettled?.()
  }
}
