import type { Clock } from '@raft/core'
import type { Violations } from './violations.ts'

/** What watching the calls to one node takes. */
export interface OpenCallsOptions {
  readonly server: string
  readonly violations: Violations
  /** The clock of the process that the node lives in: what is paused is late for nothing. */
  readonly clock: Clock
}

/**
 * The calls to one node that have not ended. None stays open for longer than it says (L6, L7), and none outlives an
 * orderly shutdown of the node (L7).
 */
export class OpenCalls {
  readonly #options: OpenCallsOptions
  readonly #open = new Map<number, string>()
  #made = 0

  constructor(options: OpenCallsOptions) {
    this.#options = options
  }

  /** How many calls of the name are open. */
  count(what: string): number {
    let count = 0
    for (const open of this.#open.values()) if (open === what) count += 1
    return count
  }

  /** Watches a call until it ends. With a limit it must have done so after that many milliseconds, by rule L6. */
  watch<T>(what: string, call: Promise<T>, limit?: number): Promise<T> {
    const { clock, violations, server } = this.#options
    const number = ++this.#made
    this.#open.set(number, what)
    const late = (): void => violations.report('L6', `${what} on ${server} is still open after ${limit} ms`)
    const timer = limit === undefined ? undefined : clock.setTimer(late, limit)
    const end = (): void => {
      this.#open.delete(number)
      if (timer !== undefined) clock.clearTimer(timer)
    }
    call.then(end, end)
    return call
  }

  /** The node has shut down: whatever was asked of it must have ended. */
  checkEnded(): void {
    const { violations, server } = this.#options
    const left = [...new Set(this.#open.values())].join(', ')
    violations.expect(left === '', 'L7', () => `${server} has shut down, and ${left} still waits`)
  }
}
