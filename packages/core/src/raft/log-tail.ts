import type { LogRange } from '../interfaces/log-store.ts'
import type { Log } from '../types/log.ts'
import { payloadBytes } from './log-bytes.ts'

/** The most that is kept of what is durable. */
export interface TailLimits {
  readonly count: number
  readonly bytes: number
}

/** How far everybody is who reads. */
export interface TailReaders {
  readonly durable: number
  /** The last entry that this server's FSM, and the other servers that keep pace, have had. */
  readonly done: number
}

/** How many arrays that were read are remembered, for the next who wants the same. */
const REMEMBERED = 8
/** What one of them may hold. */
const REMEMBERED_BYTES = 4_194_304
/** What is kept though everybody is done with it: somebody may fall behind a little. */
const SPARE = { count: 1_024, batches: 8 }

interface Batch {
  readonly logs: readonly Log[]
  readonly first: number
  readonly last: number
  /** At most. */
  readonly bytes: number
}

/**
 * The newest entries, in memory, so that replication and the FSM seldom read the store: those that some reader who keeps
 * pace has not had yet. What is not durable is never dropped: it cannot be read anywhere else. Entries come and go in
 * the arrays in which they were added, and soon, so that the garbage collector finds most of them dead and moves few.
 */
export class LogTail {
  readonly #limits: TailLimits
  /** Ascending, without a gap. */
  #batches: Batch[] = []
  #bytes = 0
  #remembered: Batch[] = []

  constructor(limits: TailLimits) {
    this.#limits = limits
  }

  /** The first entry held; 0 when none is. */
  get first(): number {
    return this.#batches[0]?.first ?? 0
  }

  get last(): number {
    return this.#batches.at(-1)?.last ?? 0
  }

  /**
   * The entries from `range.from` on, as `LogStore.getLogs` has them; undefined if that one is not held. Whoever asks
   * for the same as somebody before is given the same array.
   */
  read({ from, through, maxBytes }: LogRange): readonly Log[] | undefined {
    const { last } = this
    if (from > last || from < this.first) return undefined
    const end = Math.min(through, last)
    for (let at = this.#remembered.length - 1; at >= 0; at--) {
      const known = this.#remembered[at]!
      if (known.first === from && known.last === end && known.bytes <= maxBytes) return known.logs
    }
    const place = this.#placeOf(from)
    const { first, last: lastThere, bytes, logs } = this.#batches[place]!
    if (first === from && lastThere === end && bytes <= maxBytes) return logs
    return this.#remember(this.#collect({ from, through: end, maxBytes }, place))
  }

  /** Adds entries; those at their indexes and after must have been removed. A gap before them drops what is held. */
  append(logs: readonly Log[]): void {
    const first = logs[0]?.index
    if (first === undefined) return
    if (first !== this.last + 1) this.clear()
    const bytes = bytesOf(logs)
    this.#bytes += bytes
    this.#batches.push({ logs, first, last: first + logs.length - 1, bytes })
  }

  /** Drops the entry at the index and all after it. */
  truncateFrom(index: number): void {
    this.#remembered = []
    for (let batch = this.#batches.at(-1); batch !== undefined && batch.last >= index; batch = this.#batches.at(-1)) {
      this.#batches.pop()
      this.#bytes -= batch.bytes
      if (batch.first < index) this.append(batch.logs.slice(0, index - batch.first))
    }
  }

  clear(): void {
    this.#batches = []
    this.#remembered = []
    this.#bytes = 0
  }

  /** Drops what nobody is about to read and what is above the limits, as far as the store has it. */
  trim({ durable, done }: TailReaders): void {
    const { first, last } = this
    const { count } = this.#limits
    const held = last - first + 1
    // Many at a time, since each time moves those that stay.
    const few = this.#batches.length <= 2 * SPARE.batches && held <= 2 * SPARE.count
    if (few && held <= count && this.#bytes <= this.#limits.bytes) return
    let gone = 0
    let bytes = this.#bytes
    for (const batch of this.#batches) {
      if (batch.last > durable) break
      const tooMuch = bytes > this.#limits.bytes || last - batch.first >= count
      const spare = this.#batches.length - gone <= SPARE.batches && last - batch.last <= SPARE.count
      if (!tooMuch && (batch.last > done || spare)) break
      bytes -= batch.bytes
      gone += 1
    }
    if (gone === 0) return
    this.#batches.splice(0, gone)
    this.#bytes = bytes
    const kept = this.first
    this.#remembered = this.#remembered.filter((batch) => batch.first >= kept)
  }

  /** The place of the batch that holds the index. */
  #placeOf(index: number): number {
    const batches = this.#batches
    let low = 0
    let high = batches.length - 1
    // The newest ones are what is asked for nearly always.
    for (let near = high; near > high - 4 && near >= 0; near--) if (batches[near]!.first <= index) return near
    while (low < high) {
      const middle = (low + high) >>> 1
      if (batches[middle]!.last < index) low = middle + 1
      else high = middle
    }
    return low
  }

  #collect({ from, through, maxBytes }: LogRange, place: number): Batch {
    const logs: Log[] = []
    let bytes = 0
    for (let at = place; at < this.#batches.length; at++) {
      const batch = this.#batches[at]!
      for (let index = Math.max(from, batch.first); index <= Math.min(through, batch.last); index++) {
        const log = batch.logs[index - batch.first]!
        bytes += payloadBytes(log)
        if (bytes > maxBytes && index > from) return { logs, first: from, last: index - 1, bytes: maxBytes }
        logs.push(log)
      }
      if (batch.last >= through) break
    }
    return { logs, first: from, last: through, bytes }
  }

  #remember(batch: Batch): readonly Log[] {
    if (batch.bytes <= REMEMBERED_BYTES) {
      if (this.#remembered.length === REMEMBERED) this.#remembered.shift()
      this.#remembered.push(batch)
    }
    return batch.logs
  }
}

function bytesOf(logs: readonly Log[]): number {
  let bytes = 0
  for (const log of logs) bytes += payloadBytes(log)
  return bytes
}
