import type { Configuration, IndexedConfiguration } from '../../../src/types/configuration.ts'
import type { LogType } from '../../../src/types/log.ts'
import type { TermRun } from '../../../src/consensus/log-positions.ts'

/** One entry. Its `id` stands for the payload: two entries with the same index and term must have the same one. */
export interface Entry {
  readonly index: number
  readonly term: number
  readonly type: LogType
  readonly id: string
  readonly configuration?: Configuration | undefined
}

/** Entries in a row, in memory or on a disk. What lies before a gap, as a user restore leaves one, waits to be wanted again. */
export class EntryList {
  #entries: Entry[] = []
  #beforeGap: Entry[] = []

  get first(): number {
    return this.#entries[0]?.index ?? 0
  }

  /** The last index; 0 when it is empty. */
  get last(): number {
    return this.#entries.at(-1)?.index ?? 0
  }

  get all(): readonly Entry[] {
    return this.#entries
  }

  get(index: number): Entry | undefined {
    return this.#entries[index - this.first]
  }

  append(entry: Entry): void {
    if (this.#entries.length > 0 && entry.index > this.last + 1) {
      if (this.#beforeGap.length > 0) throw new Error(`entry ${entry.index} makes a second gap`)
      this.#beforeGap = this.#entries
      this.#entries = []
    }
    if (this.#entries.length > 0 && entry.index !== this.last + 1) {
      throw new Error(`entry ${entry.index} does not follow ${this.last}`)
    }
    this.#entries.push(entry)
  }

  /** Removes the entry and all after it. Returns them. */
  truncateFrom(index: number): readonly Entry[] {
    const removed = this.#entries.splice(Math.max(0, index - this.first))
    if (this.#entries.length > 0) return removed
    this.#entries = this.#beforeGap
    this.#beforeGap = []
    return [...this.#entries.splice(Math.max(0, index - this.first)), ...removed]
  }

  /** Removes the entries through the index. */
  compactThrough(index: number): void {
    if (this.#entries.length === 0) return
    if (index >= (this.#beforeGap.at(-1)?.index ?? 0)) this.#beforeGap = []
    this.#entries.splice(0, Math.max(0, index - this.first + 1))
  }

  clear(): readonly Entry[] {
    this.#beforeGap = []
    return this.#entries.splice(0)
  }

  /** From `from` through `through`, all of which must be there. */
  between(from: number, through: number): readonly Entry[] {
    const found = this.#entries.slice(Math.max(0, from - this.first), Math.max(0, through - this.first + 1))
    if (found.length !== Math.max(0, through - from + 1)) throw new Error(`entries ${from} to ${through} are not here`)
    return found
  }

  get runs(): readonly TermRun[] {
    const runs: TermRun[] = []
    for (const { index, term } of this.#entries) if (runs.at(-1)?.term !== term) runs.push({ first: index, term })
    return runs
  }

  get configurations(): readonly IndexedConfiguration[] {
    return this.#entries.flatMap(({ index, configuration }) =>
      configuration === undefined ? [] : [{ index, configuration }],
    )
  }
}
