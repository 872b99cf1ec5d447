/** A rule that did not hold. */
export interface Violation {
  /** The rule's name in the list of invariants, for example `S1`. */
  readonly rule: string
  readonly text: string
  /** Virtual milliseconds since the beginning. */
  readonly at: number
}

/** What was found wrong in a run. The first one counts: others may follow from it. */
export class Violations {
  readonly #now: () => number
  readonly #list: Violation[] = []

  constructor(now: () => number) {
    this.#now = now
  }

  get first(): Violation | undefined {
    return this.#list[0]
  }

  get list(): readonly Violation[] {
    return this.#list
  }

  /** Notes that a rule did not hold. */
  report(rule: string, text: string): void {
    this.#list.push({ rule, text, at: this.#now() })
  }

  /** Notes it unless the condition holds. */
  expect(holds: boolean, rule: string, text: () => string): void {
    if (!holds) this.report(rule, text())
  }
}
