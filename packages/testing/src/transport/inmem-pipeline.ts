import {
  type AppendEntriesRequest,
  type AppendEntriesResponse,
  type AppendFuture,
  type AppendPipeline,
  type Awaitable,
  type Clock,
  ConnectionError,
  PipelineShutdownError,
  RPCTimeoutError,
  type Timer,
} from '@raft/core'
import type { CallEnd, InmemCall } from './inmem-call.ts'
import type { InmemTransport } from './inmem-transport.ts'

/** Requests that may be unanswered before `appendEntries` waits. */
const IN_FLIGHT = 16

/** What a pipeline needs of the transport it belongs to. */
export interface PipelineHost {
  readonly clock: Clock
  /** Milliseconds that an answer may take; 0 is no limit. */
  readonly timeout: number
  /** Hands a request to the peer, or ends the call at once. */
  readonly send: (request: AppendEntriesRequest, ended: CallEnd<'appendEntries'>) => InmemCall<'appendEntries'>
  readonly closed: (pipeline: InmemPipeline) => void
}

/** A request of a pipeline, from when it was handed in until its answer is handed on. */
class Place implements AppendFuture {
  readonly started: number
  readonly request: AppendEntriesRequest
  readonly response: Promise<AppendEntriesResponse>
  call: InmemCall<'appendEntries'> | undefined
  /** How it ended, once it has. */
  answer: AppendEntriesResponse | undefined
  error: Error | undefined
  #resolve!: (response: AppendEntriesResponse) => void
  #reject!: (error: Error) => void

  constructor(request: AppendEntriesRequest, started: number) {
    this.started = started
    this.request = request
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  get isOver(): boolean {
    return this.answer !== undefined || this.error !== undefined
  }

  handOn(): void {
    if (this.answer !== undefined) return this.#resolve(this.answer)
    // Whoever lets a pipeline go need not look at what it owes.
    this.response.catch(() => {})
    this.#reject(this.error!)
  }
}

interface Waiting {
  readonly since: number
  readonly go: () => void
  readonly fail: (error: Error) => void
}

/** Sends without waiting for each answer, and hands the answers on in the order of the requests. */
export class InmemPipeline implements AppendPipeline {
  readonly peer: InmemTransport
  readonly #host: PipelineHost
  readonly #waiting: Waiting[] = []
  readonly #places: Place[] = []
  /** One for all: whoever is oldest expires first. */
  #timer: Timer | undefined
  #closed = false

  /** @internal Made by `InmemTransport.appendEntriesPipeline`. */
  constructor(peer: InmemTransport, host: PipelineHost) {
    this.peer = peer
    this.#host = host
  }

  /** Waits while the pipeline is full; then rejects with `command enqueue timeout` if that takes too long. */
  appendEntries(request: AppendEntriesRequest): Awaitable<AppendFuture> {
    if (this.#closed) return Promise.reject(new PipelineShutdownError())
    if (this.#places.length < IN_FLIGHT) return this.#send(request)
    return new Promise<AppendFuture>((resolve, reject) => {
      const go = (): void => resolve(this.#send(request))
      this.#waiting.push({ since: this.#host.clock.now(), go, fail: reject })
    })
  }

  /** Rejects what is owed and what waits. A second call does nothing. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#host.closed(this)
    if (this.#timer !== undefined) this.#host.clock.clearTimer(this.#timer)
    for (const waiting of this.#waiting.splice(0)) waiting.fail(new PipelineShutdownError())
    for (const place of [...this.#places]) place.call?.fail(new PipelineShutdownError())
  }

  #send(request: AppendEntriesRequest): AppendFuture {
    const place = new Place(request, this.#host.clock.now())
    this.#places.push(place)
    place.call = this.#host.send(request, (response, error) => {
      place.answer = response
      place.error = error
      this.#handOn()
    })
    if (this.#timer === undefined && this.#host.timeout > 0) this.#arm(place.started)
    return place
  }

  #handOn(): void {
    while (this.#places[0]?.isOver === true) {
      this.#places.shift()!.handOn()
      if (!this.#closed) this.#waiting.shift()?.go()
    }
  }

  /** Rings when what began then has had its time; what was answered meanwhile is noticed there. */
  #arm(began: number): void {
    const { clock, timeout } = this.#host
    this.#timer = clock.setTimer(() => this.#expire(), Math.max(0, began + timeout - clock.now()))
  }

  #expire(): void {
    const { clock, timeout } = this.#host
    this.#timer = undefined
    const now = clock.now()
    // The same sum as the timer's: a difference may be rounded to just below, and the time would never come.
    const isOver = (since: number): boolean => since + timeout <= now
    for (const place of [...this.#places]) {
      if (isOver(place.started)) place.call?.fail(new RPCTimeoutError('command timed out'))
    }
    while (this.#waiting.length > 0 && isOver(this.#waiting[0]!.since)) {
      this.#waiting.shift()!.fail(new RPCTimeoutError('command enqueue timeout'))
    }
    const oldest = this.#places[0]
    if (oldest !== undefined && !this.#closed && this.#timer === undefined) this.#arm(oldest.started)
  }
}

/** The error of a call to a peer that there is no way to. */
export function unreachable(address: string): ConnectionError {
  return new ConnectionError(`failed to connect to peer: ${address}`)
}
