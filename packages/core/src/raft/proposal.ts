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

type Resolve = (result: ApplyResult | Promise<never>) => void

// One function for all promises: one of its own for each would be as large as the promise.
let resolveCaptured: Resolve
function capture(resolve: Resolve): void {
  resolveCaptured = resolve
}

const nothing: Watches = {}

/**
 * A command or a barrier on its way, with the promise of its caller. There are as many as there are callers, and what
 * each takes is what the garbage collector moves: what seldom is there shares one field.
 */
export class Proposal {
  /** What it becomes: without place and time until it is submitted. */
  readonly entry: { -readonly [K in keyof Log]: Log[K] }
  readonly promise: Promise<ApplyResult>
  state: ProposalState = 'queued'
  watches = nothing
  readonly #resolve: Resolve

  constructor(type: LogType, data: Uint8Array | undefined, extensions: Uint8Array | undefined) {
    this.entry = { index: 0, term: 0, type, data, extensions, appendedAt: undefined }
    this.promise = new Promise(capture)
    this.#resolve = resolveCaptured
  }

  /** What it counts for in the limits. */
  get bytes(): number {
    return payloadBytes(this.entry)
  }

  /** Answers the caller, if it still waits. */
  resolve(response: unknown): void {
    if (this.#end()) this.#resolve({ index: this.entry.index, response })
  }

  /** Refuses the caller, if it still waits: through a promise that is refused, so that nobody needs to keep a second function. */
  reject(error: Error): void {
    if (this.#end()) this.#resolve(Promise.reject(error))
  }

  #end(): boolean {
    if (this.state === 'ended') return false
    this.state = 'ended'
    this.watches.unwatch?.()
    this.watches.untime?.()
    return true
  }
}
