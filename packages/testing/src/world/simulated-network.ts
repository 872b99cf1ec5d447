import type { RPCName, RPCRequests, RPCResponses, ServerAddress, ServerID } from '@raft/core'
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '@raft/core/wire'
import type { Stream } from './exchange.ts'
import { calmNetwork, Links, type NetworkConditions } from './network-conditions.ts'
import type { SeededRandom } from './random.ts'
import type { SimulatedClock } from './simulated-clock.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import { SimulatedTransport } from './simulated-transport.ts'
import type { Trace } from './trace.ts'

/** A request as it leaves a server. */
export interface SentRequest {
  readonly from: SimulatedTransport
  readonly to: ServerAddress
  readonly type: RPCName
  readonly command: RPCRequests[RPCName]
}

/** An answer as it leaves a server, and what it answers. */
export interface SentResponse {
  readonly from: SimulatedTransport
  readonly to: SimulatedTransport
  readonly type: RPCName
  readonly command: RPCRequests[RPCName]
  readonly response: RPCResponses[RPCName] | undefined
  readonly error: Error | undefined
  /** What the observer noted when the request came in. */
  readonly noted: unknown
}

/** An answer that has reached whoever asked. */
export interface ReceivedAnswer {
  readonly asked: ServerID
  /** What the observer noted when the answer left. */
  readonly answered: unknown
  readonly to: SimulatedTransport
  readonly type: RPCName
  readonly command: RPCRequests[RPCName]
  readonly response: RPCResponses[RPCName]
  /** What the observer noted when the request left. */
  readonly sent: unknown
}

/** Sees every message as it leaves, before the network does anything to it, and every answer that arrives. */
export interface NetworkObserver {
  /** A request leaves; the result comes back when it is answered. */
  requesting?(message: SentRequest): unknown
  /** A request is about to be handled; the result comes back with its answer. */
  receiving?(receiver: SimulatedTransport): unknown
  /** An answer leaves; the result comes back when it arrives. */
  responding?(message: SentResponse): unknown
  /** An answer is about to be handled. */
  answered?(message: ReceivedAnswer): void
}

/** How a network is made. */
export interface SimulatedNetworkOptions {
  readonly clock: SimulatedClock
  readonly random: SeededRandom
  readonly conditions?: NetworkConditions | undefined
  /** Messages go through the bytes of the wire, so that nothing is shared by accident. Default: the objects themselves. */
  readonly encoded?: boolean | undefined
  readonly trace?: Trace | undefined
}

const kinds: readonly RPCName[] = ['appendEntries', 'requestVote', 'installSnapshot', 'timeoutNow', 'requestPreVote']

/**
 * A network on virtual time. Requests and their answers travel apart; each is delayed, lost, repeated, or overtaken, and
 * what travels in one pipeline keeps its order until it breaks.
 */
export class SimulatedNetwork {
  readonly clock: SimulatedClock
  readonly links: Links
  observer: NetworkObserver | undefined
  /** Changes answers on their way: a network that forges, for tests of the checks. */
  forge: ((type: RPCName, response: RPCResponses[RPCName]) => RPCResponses[RPCName]) | undefined
  /** How many messages were lost or repeated so far. */
  readonly counts = { sent: 0, lost: 0, repeated: 0 }
  /** How often a second copy has told a server to campaign: TimeoutNow has no term, and one of long ago counts. */
  campaignsRepeated = 0
  readonly #encoded: boolean
  readonly #trace: Trace | undefined
  readonly #endpoints = new Map<ServerAddress, SimulatedTransport>()
  readonly #numbers = new Map<ServerAddress, number>()

  constructor(options: SimulatedNetworkOptions) {
    this.clock = options.clock
    this.links = new Links(options.conditions ?? calmNetwork, options.random.fork('network'))
    this.#encoded = options.encoded === true
    this.#trace = options.trace
  }

  /** Gives a process an address. A process that had it before no longer hears anything. */
  open(options: {
    readonly process: SimulatedProcess
    readonly address: ServerAddress
    /** Milliseconds for a request and its answer; five times that for a snapshot. */
    readonly timeout: number
  }): SimulatedTransport {
    const transport = new SimulatedTransport(this, options)
    this.#endpoints.set(options.address, transport)
    options.process.whenKilled(() => this.close(transport))
    return transport
  }

  /** Nobody is reached at the address of this transport any more. */
  close(transport: SimulatedTransport): void {
    if (this.#endpoints.get(transport.localAddress) === transport) this.#endpoints.delete(transport.localAddress)
    transport.breakOff()
  }

  /** Who is reached at the address. */
  at(address: ServerAddress): SimulatedTransport | undefined {
    return this.#endpoints.get(address)
  }

  /** Lets a message travel; `arrive` is called when it is there, which may be never. */
  travel(
    from: ServerAddress,
    to: ServerAddress,
    stream: Stream | undefined,
    way: 'requests' | 'responses',
    arrive: () => void,
  ): void {
    this.counts.sent += 1
    const now = this.clock.now()
    const delay = this.links.delay(from, to, now)
    if (delay === undefined || stream?.broken === true) {
      this.counts.lost += 1
      if (stream !== undefined) stream.broken = true
      return
    }
    if (stream === undefined) {
      this.clock.setTimer(arrive, delay)
      return
    }
    const after = way === 'requests' ? stream.requestsAfter : stream.responsesAfter
    const at = Math.max(after, now + delay)
    if (way === 'requests') stream.requestsAfter = at
    else stream.responsesAfter = at
    this.clock.setTimer(arrive, at - now)
  }

  /** The request as its receiver gets it. */
  carryRequest<K extends RPCName>(type: K, command: RPCRequests[K]): RPCRequests[K] {
    if (!this.#encoded) return command
    return decodeRequest(encodeRequest(type, command)).request as RPCRequests[K]
  }

  /** The answer as its receiver gets it. */
  carryResponse<K extends RPCName>(type: K, response: RPCResponses[K]): RPCResponses[K] {
    const carried = this.#encoded ? decodeResponse(type, encodeResponse(type, response)).response! : response
    return this.forge === undefined ? carried : (this.forge(type, carried) as RPCResponses[K])
  }

  /** Notes a message that has arrived. */
  arrived(from: ServerAddress, to: ServerAddress, type: RPCName, message: object | undefined): void {
    if (this.#trace === undefined) return
    const numbers = [kinds.indexOf(type), this.#number(from), this.#number(to)]
    for (const name in message) {
      const value: unknown = message[name as keyof typeof message]
      if (typeof value === 'number') numbers.push(value)
      else if (typeof value === 'boolean') numbers.push(value ? 1 : 0)
      else if (Array.isArray(value)) numbers.push(value.length)
    }
    this.#trace.note(this.clock.now(), numbers, () => `${from} -> ${to} ${type} ${describe(message)}`)
  }

  #number(address: ServerAddress): number {
    let number = this.#numbers.get(address)
    if (number === undefined) this.#numbers.set(address, (number = this.#numbers.size))
    return number
  }
}

/** The numbers of a message in words. */
function describe(message: object | undefined): string {
  const words: string[] = []
  for (const [name, value] of Object.entries(message ?? {})) {
    if (typeof value === 'number' || typeof value === 'boolean') words.push(`${name}=${value}`)
    else if (Array.isArray(value)) words.push(`${name}=${value.length}`)
  }
  return words.join(' ')
}
