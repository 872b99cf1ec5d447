import {
  type AppendEntriesRequest,
  type AppendFuture,
  type AppendPipeline,
  type Awaitable,
  ConnectionError,
  PipelineShutdownError,
} from '@raft/core'
import type { Exchange, Stream } from './exchange.ts'

const IN_FLIGHT = 32

/** What a pipeline needs of its transport. */
export interface SimulatedPipelineHost {
  readonly now: () => number
  readonly send: (request: AppendEntriesRequest, stream: Stream) => Exchange<'appendEntries'>
  readonly closed: () => void
}

/** Requests over one connection, which keep their order. Once one is lost, so are all after it. */
export class SimulatedPipeline implements AppendPipeline {
  readonly #host: SimulatedPipelineHost
  readonly #stream: Stream = { requestsAfter: 0, responsesAfter: 0, broken: false }
  readonly #inFlight = new Set<Exchange<'appendEntries'>>()
  #waiting: {
    readonly request: AppendEntriesRequest
    readonly take: (future: AppendFuture) => void
    readonly refuse: (error: Error) => void
  }[] = []
  #previous: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(host: SimulatedPipelineHost) {
    this.#host = host
  }

  appendEntries(request: AppendEntriesRequest): Awaitable<AppendFuture> {
    if (this.#closed) return Promise.reject(new PipelineShutdownError())
    if (this.#inFlight.size < IN_FLIGHT) return this.#send(request)
    return new Promise((take, refuse) => this.#waiting.push({ request, take, refuse }))
  }

  close(): void {
    if (this.#closed) return
    this.#end(new PipelineShutdownError())
  }

  #end(error: Error): void {
    this.#closed = true
    this.#host.closed()
    for (const exchange of [...this.#inFlight]) exchange.fail(error)
    for (const { refuse } of this.#waiting.splice(0)) refuse(error)
  }

  #send(request: AppendEntriesRequest): AppendFuture {
    const exchange = this.#host.send(request, this.#stream)
    this.#inFlight.add(exchange)
    const over = exchange.onSettled
    exchange.onSettled = () => {
      over?.()
      this.#inFlight.delete(exchange)
      this.#afterSettled()
    }
    const response = this.#previous.then(() => exchange.answer)
    this.#previous = response.then(
      () => {},
      // Nothing follows on a connection on which an answer did not come in time.
      () => {
        if (this.#stream.broken && !this.#closed) this.#end(new ConnectionError('connection closed'))
      },
    )
    response.catch(() => {})
    return { started: this.#host.now(), request, response }
  }

  #afterSettled(): void {
    if (this.#closed || this.#inFlight.size >= IN_FLIGHT) return
    const next = this.#waiting.shift()
    if (next !== undefined) next.take(this.#send(next.request))
  }
}
