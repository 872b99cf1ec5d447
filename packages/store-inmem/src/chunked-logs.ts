import type { Log } from '@raft/core'

/** Entries that are kept in one piece of memory. A power of two. */
const CHUNK = 256

/**
 * Entries without a gap between them, by index. They are kept in chunks, so that a prefix goes without the rest being
 * moved, and so that young entries lie in young arrays, which the collector does not have to look after one by one.
 */
export class ChunkedLogs {
  /** The first holds the indexes from `#base * CHUNK` on. */
  #chunks: (Log | undefined)[][] = []
  #base: number
  #first: number
  #end: number

  /** Empty; the first entry will be at the index. */
  constructor(first: number) {
    this.#first = first
    this.#end = first
    this.#base = Math.floor(first / CHUNK)
  }

  /** The index of the first entry. */
  get first(): number {
    return this.#first
  }

  /** The index after the last entry. */
  get end(): number {
    return this.#end
  }

  get(index: number): Log | undefined {
    if (index < this.#first || index >= this.#end) return undefined
    return this.#chunks[Math.floor(index / CHUNK) - this.#base]![index % CHUNK]
  }

  /** Takes an entry whose index is `end`. */
  push(log: Log): void {
    const chunk = Math.floor(this.#end / CHUNK) - this.#base
    if (chunk === this.#chunks.length) this.#chunks.push(new Array<Log | undefined>(CHUNK))
    this.#chunks[chunk]![this.#end % CHUNK] = log
    this.#end += 1
  }

  /** Takes an entry in place of the one at its index. */
  replace(log: Log): void {
    this.#chunks[Math.floor(log.index / CHUNK) - this.#base]![log.index % CHUNK] = log
  }

  /** Drops the entries before the index, but not all. */
  dropBefore(index: number): void {
    const gone = Math.floor(index / CHUNK) - this.#base
    if (gone > 0) this.#chunks.splice(0, gone)
    this.#base += Math.max(gone, 0)
    this.#first = Math.max(this.#first, index)
    for (let at = this.#base * CHUNK; at < this.#first; at++) this.#chunks[0]![at % CHUNK] = undefined
  }

  /** Drops the entries from the index on, but not all. */
  dropFrom(index: number): void {
    this.#chunks.length = Math.floor((index - 1) / CHUNK) - this.#base + 1
    const last = this.#chunks.at(-1)!
    for (let at = index % CHUNK; at > 0 && at < CHUNK; at++) last[at] = undefined
    this.#end = index
  }
}
