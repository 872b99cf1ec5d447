import { type LogTable, recordStart, type RowSpan } from './log-table.ts'
import { type PackedRow } from './packing.ts'

/** Dead rows are removed in slices of at most this many, and about this many bytes: a write waits for one slice. */
const SLICE_ROWS = 256
const SLICE_BYTES = 4 * 1_048_576

/**
 * The rows of the log, and what is done to them within a transaction. It keeps in memory which rows there are, so that
 * finding one, or noticing that one is lost, needs no query.
 *
 * Removing a prefix only moves `first`: the rows before it are dead, and are removed slice by slice later.
 */
export class LogRows {
  readonly #table: LogTable
  readonly #nextSerial: () => number
  readonly #live: RowSpan[]
  #dead: RowSpan[]
  #first: number
  /** `first` or the last row is no longer what the stored state says. */
  stateChanged = false

  /** @param first The first index of the log, 0 when empty. */
  constructor(table: LogTable, first: number, nextSerial: () => number) {
    const { dead, live } = table.scan(first)
    this.#table = table
    this.#nextSerial = nextSerial
    this.#dead = dead
    this.#live = live
    this.#first = first
  }

  get first(): number {
    return this.#first
  }

  get last(): number {
    return this.#live.at(-1)?.last ?? 0
  }

  /** The serial of the last row, 0 when empty. */
  get lastSerial(): number {
    return this.#live.at(-1)?.serial ?? 0
  }

  /** Whether there are dead rows. */
  get hasDead(): boolean {
    return this.#dead.length > 0
  }

  /** All rows that are in the table. */
  *rows(): Generator<RowSpan> {
    yield* this.#dead
    yield* this.#live
  }

  /** The row at a place in the order of the log. */
  at(place: number): RowSpan | undefined {
    return this.#live[place]
  }

  /** The place of the first row that ends at `index` or after it. */
  place(index: number): number {
    let low = 0
    let high = this.#live.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#live[middle]!.last < index) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The records of a row. */
  read(span: RowSpan): Buffer {
    return this.#table.read(span)
  }

  /** Whether storing the row changes nothing but that there is one more. */
  isPlainAppend(row: PackedRow): boolean {
    return this.#first !== 0 && row.first > this.last
  }

  /** Stores a row, in place of the entries that are held at its indexes. */
  put({ first, last, start, end }: PackedRow, records: Uint8Array): void {
    const batch = records.subarray(start, end)
    const isAppend = first > this.last
    if (!isAppend) {
      this.#settle()
      this.#cut(first, last)
    }
    const place = isAppend ? this.#live.length : this.place(first)
    const before = this.#live[place - 1]
    const after = this.#live[place]
    const span = { first, last, serial: this.#nextSerial(), bytes: batch.length }
    this.#table.insert(span, before?.last ?? 0, batch)
    if (after === undefined) this.#live.push(span)
    else {
      this.#table.link(after.first, last)
      this.#live.splice(place, 0, span)
    }
    if (isAppend && this.#first !== 0) return
    this.#first = isAppend ? first : this.#live[0]!.first
    this.stateChanged = true
  }

  /** Removes the entries from `min` through `max`, as far as they are there. */
  remove(min: number, max: number): void {
    const from = Math.max(min, this.#first)
    const through = Math.min(max, this.last)
    if (this.#first === 0 || from > through) return
    this.stateChanged = true
    if (from > this.#first) this.#cut(from, through)
    else if (through < this.last) this.#dropThrough(through)
    else {
      this.#table.remove(0, through)
      this.#live.length = 0
      this.#dead = []
      this.#first = 0
    }
  }

  /** Removes a slice of the dead rows. */
  sweep(): void {
    let count = 0
    for (let bytes = 0; count < Math.min(SLICE_ROWS, this.#dead.length) && bytes < SLICE_BYTES; count++) {
      bytes += this.#dead[count]!.bytes
    }
    if (count === 0) return
    this.#table.remove(this.#dead[0]!.first, this.#dead[count - 1]!.first)
    this.#dead.splice(0, count)
  }

  #dropThrough(through: number): void {
    const place = this.place(through + 1)
    for (const span of this.#live.splice(0, place)) this.#dead.push(span)
    this.#first = Math.max(through + 1, this.#live[0]!.first)
  }

  /** Removes the dead rows, and the dead entries of the first row, so that the table holds just the log. */
  #settle(): void {
    while (this.hasDead) this.sweep()
    const span = this.#live[0]!
    if (span.first === this.#first) return
    const rest = this.#part(span, this.#first, span.last)
    this.#table.remove(span.first, span.first)
    this.#table.insert(rest.span, 0, rest.batch)
    this.#live[0] = rest.span
  }

  /** Removes the entries from `from` through `through` from the table. At `from` or before it, nothing may be dead. */
  #cut(from: number, through: number): void {
    const place = this.place(from)
    let end = place
    while (end < this.#live.length && this.#live[end]!.first <= through) end++
    const opening = this.#live[place]
    const closing = this.#live[end - 1]
    if (end === place || opening === undefined || closing === undefined) return
    const head = opening.first < from ? this.#part(opening, opening.first, from - 1) : undefined
    const tail = closing.last > through ? this.#part(closing, through + 1, closing.last) : undefined
    const previous = head?.span.last ?? this.#live[place - 1]?.last ?? 0
    this.#table.remove(from, through)
    if (head !== undefined) this.#table.replace(head.span, head.batch)
    if (tail !== undefined) this.#table.insert(tail.span, previous, tail.batch)
    const after = this.#live[end]
    if (tail === undefined && after !== undefined) this.#table.link(after.first, previous)
    const kept = [head, tail].flatMap((part) => (part === undefined ? [] : [part.span]))
    this.#live.splice(place, end - place, ...kept)
  }

  /** The row that holds the entries from `first` through `last` of another. */
  #part(span: RowSpan, first: number, last: number): { readonly span: RowSpan; readonly batch: Buffer } {
    const whole = this.#table.read(span)
    const batch = whole.subarray(recordStart(whole, span.first, first), recordStart(whole, span.first, last + 1))
    return { span: { first, last, serial: this.#nextSerial(), bytes: batch.length }, batch }
  }
}
