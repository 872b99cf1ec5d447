import type { Log, LogType, Timestamp } from '@raft/core'

/** Entries that are kept in one piece: a power of two. */
const BITS = 10
const SIZE = 1 << BITS
const MASK = SIZE - 1

/** In place of a length: the entry is kept as an object. No buffer is as long. */
const ODD = 0xffff_ffff
const LAST_OFFSET = 0xffff_ffff

/**
 * Entries of the log without a gap between them, by index, as columns of numbers. The entries' bytes stay where they are
 * and are not copied, but there is no object for each entry: millions of them cost the garbage collector nothing, and 22
 * bytes each beside their own. What is read is a `Log` on the same bytes.
 */
export class PackedLogs {
  /** Each holds `SIZE` entries, the first one those from `#base` on. */
  #chunks: Chunk[] = []
  #newest: Chunk | undefined
  #base: number
  #first: number
  #end: number

  /** Empty; the first entry will be at the index. */
  constructor(first: number) {
    this.#base = first
    this.#first = first
    this.#end = first
  }

  /** The index of the first entry. */
  get first(): number {
    return this.#first
  }

  /** The index after the last entry: `first` when there is none. */
  get end(): number {
    return this.#end
  }

  /** The entry at the index, if it is held. */
  get(index: number): Log | undefined {
    if (!(index >= this.#first && index < this.#end)) return undefined
    const offset = index - this.#base
    return this.#chunks[offset >>> BITS]!.get(offset & MASK, index)
  }

  /** Takes an entry whose index is `end`. */
  push(log: Log): void {
    const slot = (this.#end - this.#base) & MASK
    if (slot === 0) this.#chunks.push((this.#newest = new Chunk()))
    this.#newest!.put(slot, log)
    this.#end += 1
  }

  /** Takes an entry in place of the one at its index, which is held. */
  replace(log: Log): void {
    const offset = log.index - this.#base
    this.#chunks[offset >>> BITS]!.keep(offset & MASK, log)
  }

  /** Drops the entries before the index. */
  dropBefore(index: number): void {
    if (index <= this.#first) return
    if (index >= this.#end) return this.#restart(this.#end)
    const gone = (index - this.#base) >>> BITS
    if (gone > 0) this.#chunks.splice(0, gone)
    this.#base += gone * SIZE
    this.#first = index
    this.#chunks[0]!.dropBefore(index - this.#base)
  }

  /** Drops the entries from the index on. */
  dropFrom(index: number): void {
    if (index >= this.#end) return
    if (index <= this.#first) return this.#restart(this.#first)
    const kept = index - this.#base
    this.#chunks.length = (kept + MASK) >>> BITS
    this.#newest = this.#chunks.at(-1)
    if ((kept & MASK) !== 0) this.#newest!.dropFrom(kept & MASK)
    this.#end = index
  }

  #restart(first: number): void {
    this.#chunks = []
    this.#newest = undefined
    this.#base = first
    this.#first = first
    this.#end = first
  }
}

/** What neighbours have in common. */
interface Run {
  readonly term: number
  readonly type: LogType
  /** They have a time, of this zone. */
  readonly timed: boolean
  readonly zone: number | undefined
  /** What their data is in; undefined if they have none. */
  readonly buffer: ArrayBufferLike | undefined
}

/** A piece. */
class Chunk {
  // One buffer for all columns: each is an object of its own for the garbage collector.
  private readonly memory = new ArrayBuffer(22 * SIZE)
  private readonly seconds = new Float64Array(this.memory, 0, SIZE)
  private readonly nanoseconds = new Uint32Array(this.memory, 8 * SIZE, SIZE)
  private readonly offsets = new Uint32Array(this.memory, 12 * SIZE, SIZE)
  private readonly lengths = new Uint32Array(this.memory, 16 * SIZE, SIZE)
  /** Which of the runs each belongs to: they ascend. */
  private readonly runOf = new Uint16Array(this.memory, 20 * SIZE, SIZE)
  private readonly runs: (Run | undefined)[] = []
  /** Entries that no run describes, and those that came later than their neighbours. */
  private readonly odd = new Map<number, Log>()
  /** Runs that are no longer needed. */
  private released = 0
  /** The time that was read last: neighbours often share one. */
  private time: Timestamp | undefined

  /** Takes the entry after the newest one. */
  put(slot: number, log: Log): void {
    const { data, appendedAt } = log
    const buffer = data?.buffer
    const zone = appendedAt?.offset
    const timed = appendedAt !== undefined
    const { runs } = this
    const run = runs.length === 0 ? undefined : runs[runs.length - 1]
    if (
      run === undefined ||
      run.buffer !== buffer ||
      run.term !== log.term ||
      run.timed !== timed ||
      run.zone !== zone ||
      run.type !== log.type
    ) {
      runs.push({ term: log.term, type: log.type, timed, zone, buffer })
    }
    this.runOf[slot] = runs.length - 1
    if (appendedAt !== undefined) {
      this.seconds[slot] = appendedAt.seconds
      this.nanoseconds[slot] = appendedAt.nanoseconds
    }
    const offset = data === undefined ? 0 : data.byteOffset
    this.offsets[slot] = offset
    this.lengths[slot] = data === undefined ? 0 : data.length
    if (log.extensions !== undefined || offset > LAST_OFFSET) this.keep(slot, log)
  }

  /** Keeps an entry as an object. */
  keep(slot: number, log: Log): void {
    this.lengths[slot] = ODD
    this.odd.set(slot, log)
  }

  get(slot: number, index: number): Log {
    const length = this.lengths[slot]!
    if (length === ODD) return this.odd.get(slot)!
    const { term, type, timed, zone, buffer } = this.runs[this.runOf[slot]!]!
    const data = buffer === undefined ? undefined : new Uint8Array(buffer, this.offsets[slot], length)
    const appendedAt = timed ? this.timeOf(slot, zone) : undefined
    return { index, term, type, data, extensions: undefined, appendedAt }
  }

  /** Lets go of what only the slots before this one needed. */
  dropBefore(slot: number): void {
    const needed = this.runOf[slot]!
    while (this.released < needed) this.runs[this.released++] = undefined
    if (this.odd.size > 0) for (const held of this.odd.keys()) if (held < slot) this.odd.delete(held)
  }

  /** Lets go of what only this slot, which is not the first, and those after it needed. */
  dropFrom(slot: number): void {
    this.runs.length = this.runOf[slot - 1]! + 1
    for (const held of this.odd.keys()) if (held >= slot) this.odd.delete(held)
  }

  private timeOf(slot: number, offset: number | undefined): Timestamp {
    const seconds = this.seconds[slot]!
    const nanoseconds = this.nanoseconds[slot]!
    const { time } = this
    if (time?.nanoseconds === nanoseconds && time.seconds === seconds && time.offset === offset) return time
    return (this.time = { seconds, nanoseconds, offset })
  }
}
