import type { Violations } from './violations.ts'

/** What was handed out and not looked at again yet. */
interface Item {
  readonly what: string
  readonly hash: () => number
  readonly was: number
}

/** One of so many is looked at. */
const SAMPLE = 8

/** How many are kept. */
const KEPT = 256

/** Looks again, some time later, at objects and bytes that were handed out: they must be what they were (S20). */
export class HandedOut {
  readonly #violations: Violations
  readonly #kept: Item[] = []
  #count = 0

  constructor(violations: Violations) {
    this.#violations = violations
  }

  /** Something is handed out; `hash` stands for all that it says. */
  note(what: string, hash: () => number): void {
    this.#count += 1
    if (this.#count % SAMPLE !== 0) return
    const at = (this.#count / SAMPLE) % KEPT
    this.#check(this.#kept[at])
    this.#kept[at] = { what, hash, was: hash() }
  }

  /** Looks at all that is kept. */
  close(): void {
    for (const item of this.#kept.splice(0)) this.#check(item)
  }

  #check(item: Item | undefined): void {
    if (item === undefined || item.hash() === item.was) return
    this.#violations.report('S20', `${item.what} has changed since it was handed out`)
  }
}
