import type { Position } from '../types/log.ts'

/** Entries in a row that have the same term: from `first` until the next run begins. */
export interface TermRun {
  readonly first: number
  readonly term: number
}

/** The term of the entry in ascending runs; undefined before the first. */
export function termIn(runs: readonly TermRun[], index: number): number | undefined {
  let term: number | undefined
  for (const run of runs) {
    if (run.first > index) break
    term = run.term
  }
  return term
}

/**
 * What the rules know of the log: which indexes it holds and the term of each, as runs of equal terms. Below it lies the
 * snapshot, whose last position is known too. Payloads are elsewhere.
 */
export class LogPositions {
  /** The last entry of the snapshot that the log stands on; index 0 without one. */
  #base: Position
  #firstIndex: number
  #lastIndex: number
  #runs: TermRun[]

  /** `first` is the index of the first entry held; the log is empty when `last` is below it. */
  constructor(base: Position, log: { first: number; last: number; runs: readonly TermRun[] }) {
    this.#base = base
    const empty = log.last < log.first || log.runs.length === 0
    this.#firstIndex = empty ? base.index + 1 : log.first
    this.#lastIndex = empty ? base.index : log.last
    this.#runs = empty ? [] : [...log.runs]
  }

  get base(): Position {
    return this.#base
  }

  /** The first index that is held; `lastIndex + 1` when the log is empty. */
  get firstIndex(): number {
    return this.#firstIndex
  }

  /** The last index, of the log or else of the snapshot. */
  get lastIndex(): number {
    return this.#lastIndex
  }

  get lastTerm(): number {
    return this.#runs.at(-1)?.term ?? this.#base.term
  }

  get last(): Position {
    return { index: this.#lastIndex, term: this.lastTerm }
  }

  /** The terms of all entries held. */
  get runs(): readonly TermRun[] {
    return this.#runs
  }

  /** The term at the index, also at the snapshot's last entry and at 0; undefined where nothing is known. */
  termAt(index: number): number | undefined {
    if (index === this.#base.index) return this.#base.term
    if (index < this.#firstIndex || index > this.#lastIndex) return index === 0 ? 0 : undefined
    return this.#runs[this.#runAt(index)]?.term
  }

  /**
   * Whether another entry than this is here: its term is another, or it is newer than the snapshot that covers its index,
   * though terms never fall.
   */
  contradicts({ index, term }: Position): boolean {
    const own = this.termAt(index)
    return own === undefined ? index < this.#firstIndex && term > this.#base.term : own !== term
  }

  /** The terms of `from` through `through`, which are all held. */
  runsBetween(from: number, through: number): readonly TermRun[] {
    const result: TermRun[] = []
    for (let at = this.#runAt(from); at < this.#runs.length; at++) {
      const run = this.#runs[at]!
      if (run.first > through) break
      result.push(run.first < from ? { first: from, term: run.term } : run)
    }
    return result
  }

  /** Adds entries of one term at the end. */
  append(count: number, term: number): void {
    if (count === 0) return
    if (this.#runs.length === 0) this.#firstIndex = this.#lastIndex + 1
    if (this.#runs.at(-1)?.term !== term) this.#runs.push({ first: this.#lastIndex + 1, term })
    this.#lastIndex += count
  }

  /** Removes the entry at the index and all after it. */
  truncateFrom(index: number): void {
    this.#lastIndex = index - 1
    while (this.#runs.length > 0 && this.#runs.at(-1)!.first >= index) this.#runs.pop()
    if (this.#runs.length === 0) this.#firstIndex = index
  }

  /** Removes the entries through the index. The snapshot must have them: its position is given with `rebase`. */
  compactThrough(index: number): void {
    if (index < this.#firstIndex) return
    if (index >= this.#lastIndex) {
      this.#runs = []
      this.#firstIndex = this.#lastIndex + 1
      return
    }
    const at = this.#runAt(index + 1)
    this.#runs = [{ first: index + 1, term: this.#runs[at]!.term }, ...this.#runs.slice(at + 1)]
    this.#firstIndex = index + 1
  }

  /** Notes a newer snapshot under the log, whose entries are kept. An empty log goes on after it. */
  rebase(base: Position): void {
    if (this.#runs.length === 0) this.reset(base)
    else this.#base = base
  }

  /** Drops the whole log: only the snapshot is left. */
  reset(base: Position): void {
    this.#base = base
    this.#runs = []
    this.#firstIndex = base.index + 1
    this.#lastIndex = base.index
  }

  #runAt(index: number): number {
    let low = 0
    let high = this.#runs.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#runs[middle]!.first <= index) low = middle
      else high = middle - 1
    }
    return low
  }
}
