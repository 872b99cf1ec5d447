import type { Logger } from '../interfaces/observability.ts'

/** The same complaint is logged once in this time. */
const interval = 10_000

/**
 * Logs what others do wrong, and not each time: whoever can make a server complain could otherwise fill its disk. The
 * next line with the same message says how many were left out.
 */
export class Complaints {
  readonly #logger: Logger | undefined
  readonly #now: () => number
  readonly #last = new Map<string, { readonly at: number; silenced: number }>()

  /** `now` is a clock in milliseconds that never runs backwards. */
  constructor(logger: Logger | undefined, now: () => number) {
    this.#logger = logger
    this.#now = now
  }

  /** Warns, unless the same message was logged less than ten seconds ago. Messages are few; what varies is a fact. */
  warn(facts: object, message: string): void {
    const at = this.#now()
    const last = this.#last.get(message)
    if (last !== undefined && at - last.at < interval) {
      last.silenced += 1
      return
    }
    this.#last.set(message, { at, silenced: 0 })
    const silenced = last?.silenced ?? 0
    this.#logger?.warn(silenced === 0 ? facts : { ...facts, silenced }, message)
  }
}
