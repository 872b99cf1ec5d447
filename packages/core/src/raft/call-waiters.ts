import type { Answer } from '../consensus/effects.ts'
import type { RequestID } from '../consensus/events.ts'
import { AbortedError, EnqueueTimeoutError, type RaftError } from '../types/errors.ts'
import type { AbortWatch } from './abort-watch.ts'
import type { Deadlines } from './deadlines.ts'
import type { CallOptions } from './results.ts'

interface Waiter {
  resolve(index: number): void
  reject(error: Error): void
  /** It may have consequences by now, whether it is answered or not. */
  readonly begun: () => boolean
  end(): void
}

/** What waiting for the state machine's answers takes. */
export interface CallWaitersOptions {
  readonly deadlines: Deadlines
  readonly aborts: AbortWatch
  /** Tells the state machine that nobody waits for this any more. */
  readonly withdraw: (request: RequestID) => void
}

/** How a call waits. */
export interface WaitOptions extends CallOptions {
  /** Whether what was asked for has begun, so that ending the wait no longer undoes it. */
  readonly begun: (request: RequestID) => boolean
}

/** The promises of callers whom the state machine answers one by one: reads, changes of the configuration, transfers. */
export class CallWaiters {
  readonly #options: CallWaitersOptions
  readonly #waiting = new Map<RequestID, Waiter>()
  #next = 1

  constructor(options: CallWaitersOptions) {
    this.#options = options
  }

  /** Asks by `ask` and resolves with the index of the answer. */
  wait(ask: (request: RequestID) => void, { timeout = 0, signal, begun }: WaitOptions): Promise<number> {
    const request = this.#next
    this.#next += 1
    const promise = new Promise<number>((resolve, reject) => {
      const ends: (() => void)[] = []
      if (signal !== undefined) ends.push(this.#options.aborts.watch(signal, () => this.#onAborted(request, signal)))
      if (timeout > 0) ends.push(this.#options.deadlines.add(timeout, () => this.#onTimeout(request)))
      const end = (): void => ends.forEach((stop) => stop())
      this.#waiting.set(request, { resolve, reject, begun: () => begun(request), end })
    })
    ask(request)
    return promise
  }

  answer({ request, index, error }: Answer): void {
    const waiter = this.#take(request)
    if (error === undefined) waiter?.resolve(index)
    else waiter?.reject(error)
  }

  /** Ends all waits: `rejected` what has not begun, `unknown` what has. */
  stop(rejected: RaftError, unknown: RaftError): void {
    for (const [request, { begun }] of this.#waiting) this.#take(request)?.reject(begun() ? unknown : rejected)
  }

  #onAborted(request: RequestID, signal: AbortSignal): void {
    const outcome = this.#waiting.get(request)?.begun() === true ? 'unknown' : 'rejected'
    this.#options.withdraw(request)
    this.#take(request)?.reject(new AbortedError({ outcome, cause: signal.reason }))
  }

  #onTimeout(request: RequestID): void {
    const waiter = this.#waiting.get(request)
    // The timeout bounds the wait to be let in, and it is in.
    if (waiter === undefined || waiter.begun()) return
    this.#options.withdraw(request)
    this.#take(request)?.reject(new EnqueueTimeoutError())
  }

  #take(request: RequestID): Waiter | undefined {
    const waiter = this.#waiting.get(request)
    this.#waiting.delete(request)
    waiter?.end()
    return waiter
  }
}
