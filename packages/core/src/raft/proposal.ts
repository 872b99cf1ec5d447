import type { LogType } from '../types/log.ts'
import type { ApplyResult } from './results.ts'

/** Where a proposal is: outside for want of room, in the queue, in the log; or its caller no longer waits. */
export type ProposalState = 'waiting' | 'queued' | 'submitted' | 'ended'

// One function for all promises: one of its own for each would be as large as the promise.
let resolveCaptured: (result: ApplyResult) => void
let rejectCaptured: (error: Error) => void
function capture(resolve: (result: ApplyResult) => void, reject: (error: Error) => void): void {
  resolveCaptured = resolve
  rejectCaptured = reject
}

/** A command or a barrier on its way, with the promise of its caller. */
export class Proposal {
  readonly type: LogType
  readonly data: Uint8Array | undefined
  readonly extensions: Uint8Array | undefined
  /** What it counts for in the limits. */
  readonly bytes: number
  readonly promise: Promise<ApplyResult>
  state: ProposalState = 'queued'
  /** Its place in the log, once it is submitted. */
  index = 0
  term = 0
  /** When it was submitted, by the clock; for metrics. */
  submittedAt = 0
  /** Ends the watching of its signal. */
  unwatch: (() => void) | undefined
  /** Ends the timeout of entering. */
  untime: (() => void) | undefined
  readonly #resolve: (result: ApplyResult) => void
  readonly #reject: (error: Error) => void

  constructor(type: LogType, data: Uint8Array | undefined, extensions: Uint8Array | undefined) {
    this.type = type
    this.data = data
    this.extensions = extensions
    this.bytes = (data?.length ?? 0) + (extensions?.length ?? 0)
    this.promise = new Promise(capture)
    this.#resolve = resolveCaptured
    this.#reject = rejectCaptured
  }

  /** Answers the caller, if it still waits. */
  resolve(response: unknown): void {
    if (this.#end()) this.#resolve({ index: this.index, response })
  }

  /** Refuses the caller, if it still waits. */
  reject(error: Error): void {
    if (this.#end()) this.#reject(error)
  }

  #end(): boolean {
    if (this.state === 'ended') return false
    this.state = 'ended'
    this.unwatch?.()
    this.untime?.()
    return true
  }
}
