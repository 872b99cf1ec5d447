import type { AppendFuture, AppendPipeline } from '../interfaces/transport.ts'
import type { Clock } from '../interfaces/clock.ts'
import { PipelineShutdownError } from '../types/errors.ts'
import type { Peer } from '../types/identity.ts'
import type { AppendEntriesRequest, AppendEntriesResponse } from '../types/messages.ts'
import type { ClientConnection } from './client-connection.ts'

/** What a pipeline is made of. */
export interface PipelineOptions {
  readonly connection: ClientConnection
  readonly peer: Peer
  readonly clock: Clock
  readonly timeout: number
  /** Requests that may be unanswered, 2 at least. */
  readonly window: number
}

/** A request that is on its way while its caller still waits for room. */
interface Taken {
  readonly future: AppendFuture
  readonly resolve: (future: AppendFuture) => void
}

/**
 * AppendEntries on a connection of their own, several unanswered at a time (spec §1.10). The request that fills the
 * window is sent at once, but counts as taken only when an answer has made room, as in Go.
 */
export class AppendEntriesPipeline implements AppendPipeline {
  readonly #options: PipelineOptions
  /** Requests that were sent and whose callers wait. */
  readonly #taken: Taken[] = []
  /** Requests that would exceed the window: callers who did not wait. */
  readonly #unsent: (() => void)[] = []

  constructor(options: PipelineOptions) {
    this.#options = options
  }

  /** Sends a request; the future comes at once while there is room for another after it. */
  appendEntries(request: AppendEntriesRequest): AppendFuture | Promise<AppendFuture> {
    const { connection, window } = this.#options
    if (connection.error !== undefined) return Promise.reject(connection.error)
    if (connection.inFlight >= window) return this.#sendLater(request)
    const future = this.#send(request)
    if (connection.inFlight < window) return future
    return new Promise((resolve) => this.#taken.push({ future, resolve }))
  }

  close(): void {
    this.#options.connection.fail(new PipelineShutdownError())
  }

  #send(request: AppendEntriesRequest): AppendFuture {
    const { connection, peer, clock, timeout } = this.#options
    const started = clock.now()
    const response = new Promise<AppendEntriesResponse>((resolve, reject) => {
      const answered = (answer: AppendEntriesResponse): void => {
        resolve(answer)
        this.#makeRoom()
      }
      const failed = (error: Error): void => {
        reject(error)
        this.#makeRoom()
      }
      connection.send({ type: 'appendEntries', peer, timeout, answered, failed }, request)
    })
    // Whoever asked may have given up; the failure is theirs, not the process's.
    response.catch(() => undefined)
    return { started, request, response }
  }

  #sendLater(request: AppendEntriesRequest): Promise<AppendFuture> {
    return new Promise((resolve) => {
      this.#unsent.push(() => resolve(this.appendEntries(request)))
    })
  }

  #makeRoom(): void {
    // Once the connection has ended there is nothing left to wait for.
    const all = this.#options.connection.error !== undefined
    do {
      const taken = this.#taken.shift()
      taken?.resolve(taken.future)
      this.#unsent.shift()?.()
    } while (all && this.#taken.length + this.#unsent.length > 0)
  }
}
