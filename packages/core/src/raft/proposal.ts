import type { Log, LogType } from '../types/log.ts'
import { payloadBytes } from './log-bytes.ts'
import type { ApplyResult } from './results.ts'

/** Where a proposal is: outside for want of room, in the queue, in the log; or its caller no longer waits. */
export type ProposalState = 'waiting' | 'queued' | 'submitted' | 'ended'

/** What is called once the caller no longer waits. */
interface Watches {
  /** Ends the watching of its signal. */
  readonly unwatch?: (() => void) | undefined
  /** Ends the timeout of entering. */
  readonly untime?: (() => void) | undefined
}

// One function for all promises: one of its own for each would be as large as the promise.
let resolveCaptured: (result: ApplyResult) => void
let rejectCaptured: (error: Error) => void
function capture(resolve: (result: ApplyResult) => void, reject: (error: Error) => void): void {
  resolveCaptured = resolve
  rejectCaptured = reject
}

const nothing: Watches = {}

/**
 * A command or a barrier on its way, with the promise of its caller. There are as many as there are callers, and what
 * each takes is what the garbage collector moves: what seldom is there shares one field.
 */
export class Proposal {
  /** What it becomes: without place and time until it is submitted. */
  readonly entry: { -readonly [K in keyof Log]: Log[K] }
  /** What it counts for in the limits. */
  readonly bytes: number
  readonly promise: Promise<ApplyResult>
  state: ProposalState = 'queued'
  /** Those that were submitted together share when that was, by the clock; for metrics. */
  submission: { readonly at: number } | undefined = undefined
  watches = nothing
  readonly #resolve: (result: ApplyResult) => void
  readonly #reject: (error: Error) => void

  constructor(type: LogType, data: Uint8Array | undefined, extensions: Uint8Array | undefined) {
    this.entry = { index: 0, term: 0, type, data, extensions, appendedAt: undefined }
    this.bytes = payloadBytes(this.entry)
    this.promise = new Promise(capture)
    this.#resolve = resolveCaptured
    this.#reject = rejectCaptured
  }

  /** Answers the caller, if it still waits. */
  resolve(response: unknown): void {
    if (this.#end()) this.#resolve({ index: this.entry.index, response })
  }

  /** Refuses the caller, if it still waits. */
  reject(error: Error): void {
    if (this.#end()) this.#reject(error)
  }

  #end(): boolean {
    if (this.state === 'ended') return false
    this.state = 'ended'
    this.watches.unwatch?.()
    this.watches.untime?.()
    return true
  }
}
