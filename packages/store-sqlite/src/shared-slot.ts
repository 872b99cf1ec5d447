import { type PackedRow } from './packing.ts'
import { type Bounds } from './protocol.ts'

// The memory, in bytes from its start:
//
//   offset  bytes
//   0       4     how many requests were made, modulo 2^32: the worker sleeps on it
//   4       4     which of them the slot holds
//   8       4     how many rows are in the slot, 0 when it is free
//   16      8, 8  first and last index of the log, once the slot's write is done
//   32      24 …  of each row: first, last, and where its records end; they begin where those of the row before end
//   8192    …     the records

const MADE = 0
const HELD = 1
const ROWS = 2
const BOUNDS_START = 16
const ROWS_START = 32
const RECORDS_START = 8_192

/** Only gaps make many rows, and there are hardly any. */
const LARGEST_ROWS = (RECORDS_START - ROWS_START) / 24

/** What the slot holds of records: as much as a node writes at once, and then some. What is never touched takes no memory. */
export const SLOT_BYTES = 2 * 1_048_576

/**
 * Memory that both threads see: a bell that wakes the worker, and room for one write of entries. So the write that a
 * node does all the time needs no message, which would be copied, and no event loop in the worker. Whatever else is
 * asked goes as a message, and only the bell is rung.
 *
 * The slot is the application's while it is free, and the worker's from `store` until the write is answered.
 */
export class SharedSlot {
  readonly memory: SharedArrayBuffer
  /** The records of the write that the slot holds. */
  readonly records: Uint8Array
  readonly #words: Int32Array
  readonly #bounds: Float64Array
  readonly #rows: Float64Array

  /** Makes a slot, or sees the one that is in the memory. */
  constructor(memory = new SharedArrayBuffer(RECORDS_START + SLOT_BYTES)) {
    this.memory = memory
    this.records = new Uint8Array(memory, RECORDS_START)
    this.#words = new Int32Array(memory, 0, 3)
    this.#bounds = new Float64Array(memory, BOUNDS_START, 2)
    this.#rows = new Float64Array(memory, ROWS_START, LARGEST_ROWS * 3)
  }

  /** The bounds of the log after the slot's write. */
  get bounds(): Bounds {
    return { first: this.#bounds[0]!, last: this.#bounds[1]! }
  }

  /** Tells the worker of a request, which is in its queue of messages by now. */
  announce(): void {
    Atomics.add(this.#words, MADE, 1)
    Atomics.notify(this.#words, MADE)
  }

  /** Whether a write of so many rows and bytes can be asked for. */
  hasRoomFor(rows: number, bytes: number): boolean {
    return this.#words[ROWS] === 0 && rows <= LARGEST_ROWS && bytes <= SLOT_BYTES
  }

  /** Asks for a write that there is room for: of the rows, whose records are one after the other in `packed`. */
  store(rows: readonly PackedRow[], packed: Uint8Array): void {
    // Copied at once, since copying a record into shared memory takes several times as long as into memory of our own.
    this.records.set(packed)
    let at = 0
    for (const { first, last, end } of rows) {
      this.#rows[at++] = first
      this.#rows[at++] = last
      this.#rows[at++] = end
    }
    this.#words[ROWS] = rows.length
    this.#words[HELD] = this.#words[MADE]! + 1
    this.announce()
  }

  /** The slot's write was answered. */
  free(): void {
    this.#words[ROWS] = 0
  }

  /** The worker: sleeps until more requests were made than it has served. */
  wait(served: number): void {
    while (!this.isWaiting(served)) Atomics.wait(this.#words, MADE, served)
  }

  /** The worker: whether more requests were made than it has served, modulo 2^32. */
  isWaiting(served: number): boolean {
    return Atomics.load(this.#words, MADE) !== served
  }

  /** The worker: the rows to write if the slot holds the request of this number. */
  rowsOf(request: number): readonly PackedRow[] | undefined {
    const count = this.#words[ROWS]!
    if (count === 0 || this.#words[HELD] !== request) return undefined
    const rows: PackedRow[] = []
    let start = 0
    for (let at = 0; at < count * 3; at += 3) {
      const end = this.#rows[at + 2]!
      rows.push({ first: this.#rows[at]!, last: this.#rows[at + 1]!, start, end })
      start = end
    }
    return rows
  }

  /** The worker: leaves the bounds for the answer. */
  setBounds({ first, last }: Bounds): void {
    this.#bounds[0] = first
    this.#bounds[1] = last
  }
}
