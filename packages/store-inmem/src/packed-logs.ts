import type { Log, LogType, Timestamp } from '@raft/core'

/** Entries that are kept in one piece: a power of two. */
const BITS = 12
const SIZE = 1 << BITS
const MASK = SIZE - 1

/** Times that a piece has room for at first. */
const FEW_TIMES = 64

/** In place of a length: the entry is kept as an object. No buffer is as long. */
const ODD = 0xffff_ffff
const LAST_OFFSET = 0xffff_ffff

// Getters that are called as they are: found by name, they take twice as long, and they are most of what an entry costs.
const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array
const bufferOf = Object.getOwnPropertyDescriptor(typedArray, 'buffer')!.get as (this: Uint8Array) => ArrayBufferLike
const offsetOf = Object.getOwnPropertyDescriptor(typedArray, 'byteOffset')!.get as (this: Uint8Array) => number

/**
 * Entries of the log without a gap between them, by index, as columns of numbers. The entries' bytes stay where they are
 * and are not copied, but there is no object for each entry: millions of them cost the garbage collector nothing, and 12
 * bytes each beside their own, and 12 for each time that neighbours do not share. What is read is a `Log` on the same bytes.
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
  private readonly memory = new ArrayBuffer(12 * SIZE)
  private readonly offsets = new Uint32Array(this.memory, 0, SIZE)
  private readonly lengths = new Uint32Array(this.memory, 4 * SIZE, SIZE)
  /** Which of the runs each belongs to: they ascend. */
  private readonly runOf = new Uint16Array(this.memory, 8 * SIZE, SIZE)
  /** Which of the times each has, if its run is timed. */
  private readonly timeOf = new Uint16Array(this.memory, 10 * SIZE, SIZE)
  private readonly runs: (Run | undefined)[] = []
  private readonly times = new Times()
  /** Entries that no run describes, and those that came later than their neighbours. */
  private odd: Map<number, Log> | undefined
  /** Runs that are no longer needed. */
  private released = 0

  /** Takes the entry after the newest one. */
  put(slot: number, log: Log): void {
    const { data, appendedAt } = log
    const buffer = data === undefined ? undefined : bufferOf.call(data)
    const zone = appendedAt?.offset
    const timed = appendedAt !== undefined
    const { runs, times } = this
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
    if (timed && appendedAt !== times.newest) times.push(appendedAt)
    this.timeOf[slot] = times.length - 1
    const offset = data === undefined ? 0 : offsetOf.call(data)
    this.offsets[slot] = offset
    this.lengths[slot] = data === undefined ? 0 : data.length
    if (log.extensions !== undefined || offset > LAST_OFFSET) this.keep(slot, log)
  }

  /** Keeps an entry as an object. */
  keep(slot: number, log: Log): void {
    this.lengths[slot] = ODD
    this.odd ??= new Map()
    this.odd.set(slot, log)
  }

  get(slot: number, index: number): Log {
    const length = this.lengths[slot]!
    if (length === ODD) return this.odd!.get(slot)!
    const { term, type, timed, zone, buffer } = this.runs[this.runOf[slot]!]!
    const data = buffer === undefined ? undefined : new Uint8Array(buffer, this.offsets[slot], length)
    const appendedAt = timed ? this.times.get(this.timeOf[slot]!, zone) : undefined
    return { index, term, type, data, extensions: undefined, appendedAt }
  }

  /** Lets go of what only the slots before this one needed. */
  dropBefore(slot: number): void {
    const needed = this.runOf[slot]!
    while (this.released < needed) this.runs[this.released++] = undefined
    if (this.odd !== undefined) for (const held of this.odd.keys()) if (held < slot) this.odd.delete(held)
  }

  /** Lets go of what only this slot, which is not the first, and those after it needed. */
  dropFrom(slot: number): void {
    this.runs.length = this.runOf[slot - 1]! + 1
    // An entry without a time names the one before, or none if there is none.
    this.times.dropFrom((this.timeOf[slot - 1]! + 1) & 0xffff)
    if (this.odd !== undefined) for (const held of this.odd.keys()) if (held >= slot) this.odd.delete(held)
  }
}

/** The times of a piece, each once as long as neighbours share it, as columns that grow. */
class Times {
  /** The one that was added last. */
  newest: Timestamp | undefined
  length = 0
  private seconds = new Float64Array(FEW_TIMES)
  private nanoseconds = new Uint32Array(FEW_TIMES)
  /** The one that was read last: neighbours often share one. */
  private read: Timestamp | undefined

  push(time: Timestamp): void {
    if (this.length === this.seconds.length) {
      this.seconds = grown(this.seconds, new Float64Array(2 * this.length))
      this.nanoseconds = grown(this.nanoseconds, new Uint32Array(2 * this.length))
    }
    this.seconds[this.length] = time.seconds
    this.nanoseconds[this.length] = time.nanoseconds
    this.newest = time
    this.length += 1
  }

  get(place: number, offset: number | undefined): Timestamp {
    const seconds = this.seconds[place]!
    const nanoseconds = this.nanoseconds[place]!
    const { read } = this
    if (read?.nanoseconds === nanoseconds && read.seconds === seconds && read.offset === offset) return read
    return (this.read = { seconds, nanoseconds, offset })
  }

  /** Drops the times from the place on. */
  dropFrom(place: number): void {
    this.length = place
    this.newest = undefined
  }
}

function grown<T extends Float64Array | Uint32Array>(from: T, to: T): T {
  to.set(from)
  return to
}
