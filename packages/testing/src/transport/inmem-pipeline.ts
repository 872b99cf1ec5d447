import {
  type AppendEntriesRequest,
  type AppendFuture,
  type AppendPipeline,
  type Awaitable,
  ConnectionError,
  PipelineShutdownError,
  RPCTimeoutError,
} from '@raft/core'
import type { InmemCall } from './inmem-call.ts'
import type { InmemTransport } from './inmem-transport.ts'

/** Requests that may be unanswered before `appendEntries` waits. */
const IN_FLIGHT = 16

/** What a pipeline needs of the transport it belongs to. */
export interface PipelineHost {
  readonly now: () => number
  /** Hands a request to the peer, or rejects the call at once. */
  readonly send: (request: AppendEntriesRequest) => InmemCall<'appendEntries'>
  /** Calls back when the time for one answer is over; the result forgets it. Undefined means for ever. */
  readonly deadline: ((fn: () => void) => () => void) | undefined
  readonly closed: (pipeline: InmemPipeline) => void
}

/** Sends without waiting for each answer, and hands the answers on in the order of the requests. */
export class InmemPipeline implements AppendPipeline {
  readonly peer: InmemTransport
  readonly #host: PipelineHost
  readonly #waiting: { readonly go: () => void; readonly fail: (error: Error) => void }[] = []
  #inFlight: InmemCall<'appendEntries'>[] = []
  /** Settles when the answer before has been handed on. */
  #previous: Promise<unknown> = Promise.resolve()
  #closed = false

  /** @internal Made by `InmemTransport.appendEntriesPipeline`. */
  constructor(peer: InmemTransport, host: PipelineHost) {
    this.peer = peer
    this.#host = host
  }

  /** Waits while the pipeline is full; then rejects with `command enqueue timeout` if that takes too long. */
  appendEntries(request: AppendEntriesRequest): Awaitable<AppendFuture> {
    if (this.#closed) return Promise.reject(new PipelineShutdownError())
    if (this.#inFlight.length < IN_FLIGHT) return this.#send(request)
    return new Promise<AppendFuture>((resolve, reject) => {
      const forget = this.#host.deadline?.(() => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1)
        reject(new RPCTimeoutError('command enqueue timeout'))
      })
      const entry = {
        go: () => {
          forget?.()
          resolve(this.#send(request))
        },
        fail: (error: Error) => {
          forget?.()
          reject(error)
        },
      }
      this.#waiting.push(entry)
    })
  }

  /** Rejects what is owed and what waits. A second call does nothing. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#host.closed(this)
    for (const waiting of this.#waiting.splice(0)) waiting.fail(new PipelineShutdownError())
    for (const call of this.#inFlight.splice(0)) call.fail(new PipelineShutdownError())
  }

  #send(request: AppendEntriesRequest): AppendFuture {
    const call = this.#host.send(request)
    const forget = this.#host.deadline?.(() => call.fail(new RPCTimeoutError('command timed out')))
    this.#inFlight.push(call)
    call.whenSettled(() => {
      forget?.()
      this.#inFlight = this.#inFlight.filter((other) => other !== call)
      if (!this.#closed) this.#waiting.shift()?.go()
    })
    const response = this.#inOrder(call)
    return { started: this.#host.now(), request, response }
  }

  #inOrder(call: InmemCall<'appendEntries'>): AppendFuture['response'] {
    const response = this.#previous.then(() => call.answer)
    this.#previous = response.then(
      () => {},
      () => {},
    )
    // Nor is this one an unhandled rejection: whoever lets a pipeline go need not look at what it owes.
    response.catch(() => {})
    return response
  }
}

/** The error of a call to a peer that there is no way to. */
export function unreachable(address: string): ConnectionError {
  return new ConnectionError(`failed to connect to peer: ${address}`)
}
