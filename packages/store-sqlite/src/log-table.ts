import { crc32 } from 'node:zlib'
import type Database from 'better-sqlite3'
import { damaged } from './failures.ts'
import { writeInteger } from './integers.ts'
import { measureRecord, type RecordExtent } from './records.ts'

/** What is known of a row without reading it. */
export interface RowSpan {
  readonly first: number
  readonly last: number
  readonly serial: number
  readonly bytes: number
}

type Columns = [first: unknown, last: unknown, previous: unknown, serial: unknown, bytes: unknown, crc: unknown]

const header = Buffer.alloc(24)
const headerView = new DataView(header.buffer, header.byteOffset, header.length)

function checksum(span: RowSpan, batch: Uint8Array): number {
  writeInteger(headerView, 0, span.first)
  writeInteger(headerView, 8, span.last)
  writeInteger(headerView, 16, span.serial)
  return crc32(batch, crc32(header))
}

/** The rows of the `log` table, each read and checked as a whole. Knows nothing of transactions. */
export class LogTable {
  readonly #path: string
  readonly #insert: Database.Statement
  readonly #update: Database.Statement
  readonly #relink: Database.Statement
  readonly #select: Database.Statement
  readonly #scan: Database.Statement
  readonly #remove: Database.Statement
  /** The row that was read last: a reader who goes through a long row takes a part of it at a time. */
  #latest: { readonly first: number; readonly serial: number; readonly batch: Buffer } | undefined

  constructor(database: Database.Database, path: string) {
    this.#path = path
    this.#insert = database.prepare(
      'INSERT INTO log (first, last, previous, serial, crc, batch) VALUES (?, ?, ?, ?, ?, ?)',
    )
    this.#update = database.prepare('UPDATE log SET last = ?, serial = ?, crc = ?, batch = ? WHERE first = ?')
    this.#relink = database.prepare('UPDATE log SET previous = ? WHERE first = ?')
    this.#select = database.prepare('SELECT last, serial, crc, batch FROM log WHERE first = ?').raw()
    this.#scan = database
      .prepare('SELECT first, last, previous, serial, length(batch), crc FROM log ORDER BY first')
      .raw()
    this.#remove = database.prepare('DELETE FROM log WHERE first BETWEEN ? AND ?')
  }

  insert(span: RowSpan, previous: number, batch: Uint8Array): void {
    this.#insert.run(span.first, span.last, previous, span.serial, checksum(span, batch), batch)
  }

  /** Replaces the row with the same first index. */
  replace(span: RowSpan, batch: Uint8Array): void {
    this.#update.run(span.last, span.serial, checksum(span, batch), batch, span.first)
  }

  /** Notes which index the row before the one at `first` ends with. */
  link(first: number, previous: number): void {
    this.#relink.run(previous, first)
  }

  /** Removes the rows whose first indexes are from `min` through `max`. */
  remove(min: number, max: number): void {
    this.#remove.run(min, max)
  }

  /** The records of a row. Throws `CorruptError` if they are not what was written. */
  read(span: RowSpan): Buffer {
    // Serials are unique, but a damaged one need not be; the first index is the table's key.
    if (this.#latest?.serial === span.serial && this.#latest.first === span.first) return this.#latest.batch
    const row = this.#select.get(span.first) as [unknown, unknown, unknown, unknown] | undefined
    const name = `the entries from ${span.first} through ${span.last}`
    if (row === undefined) throw damaged(this.#path, `${name} are missing`)
    const [last, serial, crc, batch] = row
    if (last !== span.last || serial !== span.serial || !Buffer.isBuffer(batch) || checksum(span, batch) !== crc) {
      throw damaged(this.#path, `the checksum of ${name} is wrong`)
    }
    this.#latest = { first: span.first, serial: span.serial, batch }
    return batch
  }

  /**
   * What rows there are, ascending: those that end before `first`, and those of the log. Throws `CorruptError` if one
   * is missing or its numbers make no sense.
   */
  scan(first: number): { readonly dead: RowSpan[]; readonly live: RowSpan[] } {
    const dead: RowSpan[] = []
    const live: RowSpan[] = []
    for (const columns of this.#scan.iterate() as IterableIterator<Columns>) {
      const span = this.#span(columns)
      if (first === 0 || span.last < first) {
        dead.push(span)
        continue
      }
      const before = live.at(-1)
      if (before === undefined ? span.first > first : columns[2] !== before.last || span.first <= before.last) {
        throw damaged(this.#path, `entries before index ${span.first} are missing`)
      }
      live.push(span)
    }
    if (first !== 0 && live.length === 0) throw damaged(this.#path, `the entries from ${first} on are missing`)
    return { dead, live }
  }

  #span([first, last, previous, serial, bytes, crc]: Columns): RowSpan {
    for (const column of [first, last, previous, serial, bytes, crc]) {
      if (!Number.isSafeInteger(column)) throw damaged(this.#path, `the row of index ${String(first)} makes no sense`)
    }
    const span = { first, last, serial, bytes } as RowSpan
    if (span.first < 1 || span.last < span.first)
      throw damaged(this.#path, `the row of index ${span.first} makes no sense`)
    return span
  }
}

/** Where the record of `index` begins in the records of a row that begins with `first`. */
export function recordStart(batch: Buffer, first: number, index: number): number {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.length)
  const extent: RecordExtent = { end: 0, payload: 0 }
  for (let at = first; at < index; at++) measureRecord(view, extent.end, extent)
  return extent.end
}
