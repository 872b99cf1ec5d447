import type { Proposal } from './proposal.ts'

/** Commands that are neighbours in the log. */
interface Run {
  readonly first: number
  readonly proposals: readonly Proposal[]
  /** When they were submitted, by the clock; for metrics. */
  readonly at: number
}

/**
 * Commands in the log that are not applied yet, in the arrays that they came in: those live as long as their commands,
 * while every write to an array that outlives them would cost the garbage collector a note.
 */
export class Submitted {
  /** Ascending, and none is empty. */
  #runs: Run[] = []
  /** What is below is taken. */
  #first = 0

  get isEmpty(): boolean {
    return this.#runs.length === 0
  }

  /** The last index that is held; -1 when none is. */
  get last(): number {
    return endOf(this.#runs.at(-1)) - 1
  }

  /** Takes the commands of entries side by side, the first of them above all that are held. */
  push(first: number, proposals: readonly Proposal[], at: number): void {
    if (first <= this.last) throw new RangeError(`index ${first} comes after ${this.last}`)
    if (this.isEmpty) this.#first = first
    if (proposals.length > 0) this.#runs.push({ first, proposals, at })
  }

  /** Removes and returns the command at the index, and lets go of those before it. */
  take(index: number): Proposal | undefined {
    if (index < this.#first) return undefined
    for (let run = this.#runs[0]; run !== undefined && run.first <= index; run = this.#runs[0]) {
      const end = endOf(run)
      if (index + 1 >= end) this.#runs.shift()
      if (index >= end) continue
      this.#first = index + 1
      return run.proposals[index - run.first]
    }
    return undefined
  }

  /** Calls back with each from one index through another, and when it was submitted. */
  forEach(from: number, through: number, take: (proposal: Proposal, at: number) => void): void {
    for (const run of this.#runs) {
      const last = Math.min(through, endOf(run) - 1)
      for (let index = Math.max(from, this.#first, run.first); index <= last; index++) {
        take(run.proposals[index - run.first]!, run.at)
      }
    }
  }

  /** Drops everything below the index. */
  dropBefore(index: number): void {
    this.#runs = this.#runs.filter((run) => endOf(run) > index)
    this.#first = Math.max(this.#first, index)
  }

  /** Drops everything from the index on. */
  dropFrom(index: number): void {
    this.#runs = index > this.#first ? this.#runs.filter((run) => run.first < index) : []
    const newest = this.#runs.at(-1)
    if (newest === undefined || endOf(newest) <= index) return
    const { first, proposals, at } = newest
    this.#runs[this.#runs.length - 1] = { first, proposals: proposals.slice(0, index - first), at }
  }
}

/** The index after its last. */
function endOf(run: Run | undefined): number {
  return run === undefined ? 0 : run.first + run.proposals.length
}
