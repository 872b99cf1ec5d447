import type Database from 'better-sqlite3'
import { type LogRange, StoreError } from '@raft/core'
import { openFiles, type OpenFiles } from './database.ts'
import { damaged } from './failures.ts'
import { LogRows } from './log-rows.ts'
import { LogTable } from './log-table.ts'
import { type Mark, type MarkedSerials } from './mark.ts'
import { type PackedRow } from './packing.ts'
import { type Bounds, type OpenRequest } from './protocol.ts'
import { readRange, type RangeRead } from './range-reader.ts'
import { decodeState, encodeState, type StoreState } from './state.ts'

/** One durable step: sets values, removes entries, stores rows, in this order. */
export interface StoreWrite {
  readonly set: readonly (readonly [key: string, value: Uint8Array])[]
  readonly remove: { readonly min: number; readonly max: number } | undefined
  readonly rows: readonly PackedRow[]
  /** What the rows are in. */
  readonly records: Uint8Array
}

/** A store on disk: what the worker thread runs. Everything blocks until it is done. */
export class StoreFile {
  readonly #path: string
  readonly #database: Database.Database
  readonly #mark: Mark
  readonly #table: LogTable
  readonly #begin: Database.Statement
  readonly #commit: Database.Statement
  readonly #putState: Database.Statement
  #log: LogRows
  #state: StoreState
  /** The highest serial given to a row or a state. */
  #serial = 0
  /** Why no write is taken any more. A sync that failed is never tried again: the system may have dropped what it held. */
  #failure: unknown
  /** Why nothing can be read any more. */
  #unreadable: unknown

  /** Opens or makes the store and checks what it holds. Throws an error of ours, or what SQLite or the system throws. */
  static open({ path, serverID, verify }: OpenRequest): StoreFile {
    const files = openFiles(path, verify)
    try {
      const file = new StoreFile(files, path)
      checkNothingLost(path, file.#state, file.#log, files.serials)
      if (verify) for (const span of file.#log.rows()) file.#log.read(span)
      file.#settle()
      file.#claim(serverID)
      return file
    } catch (error) {
      files.mark.close()
      files.database.close()
      throw error
    }
  }

  private constructor({ database, mark }: OpenFiles, path: string) {
    this.#path = path
    this.#database = database
    this.#mark = mark
    this.#begin = database.prepare('BEGIN IMMEDIATE')
    this.#commit = database.prepare('COMMIT')
    this.#putState = database.prepare('UPDATE state SET crc = ?, body = ? WHERE id = 1')
    this.#table = new LogTable(database, path)
    this.#state = readState(database, path)
    this.#log = this.#load()
    for (const { serial } of this.#log.rows()) this.#serial = Math.max(this.#serial, serial)
    this.#serial = Math.max(this.#serial, this.#state.serial)
  }

  get bounds(): Bounds {
    return { first: this.#log.first, last: this.#log.last }
  }

  get state(): StoreState {
    return this.#state
  }

  /** Whether removed entries still take space. */
  get hasDead(): boolean {
    return this.#log.hasDead
  }

  /** Does all of the write, durably, or nothing and throws. After a throw no write is taken. */
  write({ set, remove, rows, records }: StoreWrite): void {
    this.#transact(() => {
      const values = set.length === 0 ? this.#state.values : new Map([...this.#state.values, ...set])
      if (remove !== undefined) this.#log.remove(remove.min, remove.max)
      for (const row of rows) this.#log.put(row, records)
      if (set.length > 0 || this.#log.stateChanged) this.#writeState({ values })
    })
  }

  /** `write` of rows alone. */
  store(rows: readonly PackedRow[], records: Uint8Array): void {
    const [row] = rows
    // One statement is a transaction by itself: what a node writes all the time needs no other two.
    if (rows.length === 1 && row !== undefined && this.#log.isPlainAppend(row)) {
      this.#change(() => this.#log.put(row, records))
    } else this.write({ set: [], remove: undefined, rows, records })
  }

  /** `write` of a removal alone. */
  remove(range: { readonly min: number; readonly max: number }): void {
    this.write({ set: [], remove: range, rows: [], records: noRecords })
  }

  /** Reads entries. Throws `CorruptError` if they are not what was written. */
  read(range: LogRange): RangeRead {
    if (this.#unreadable !== undefined) throw this.#unreadable
    return readRange(this.#log, range)
  }

  /** Frees the space of some of the entries that were removed. */
  sweep(): void {
    this.#transact(() => this.#log.sweep())
  }

  /** Closes the files. */
  close(): void {
    this.#database.close()
    this.#mark.sync()
    this.#mark.close()
  }

  #load(): LogRows {
    return new LogRows(this.#table, this.#state.first, () => ++this.#serial)
  }

  #transact(change: () => void): void {
    this.#change(() => {
      this.#begin.run()
      change()
      this.#commit.run()
    })
  }

  /** Runs a change that ends with a commit, and marks what was committed. */
  #change(change: () => void): void {
    if (this.#failure !== undefined) {
      throw new StoreError(`${this.#path} takes no more writes, because one failed: ${String(this.#failure)}`, {
        cause: this.#failure,
      })
    }
    try {
      change()
      this.#mark.write({ state: this.#state.serial, log: this.#log.lastSerial })
    } catch (error) {
      this.#failure = error
      this.#revert()
      throw error
    }
  }

  /** Goes back to what the file holds, so that it can still be read. */
  #revert(): void {
    try {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK')
      this.#state = readState(this.#database, this.#path)
      this.#log = this.#load()
    } catch (error) {
      this.#unreadable = error
    }
  }

  #writeState(changes: Partial<StoreState>): void {
    const state = {
      ...this.#state,
      ...changes,
      serial: ++this.#serial,
      logSerial: this.#log.lastSerial,
      first: this.#log.first,
    }
    const { body, crc } = encodeState(state)
    this.#putState.run(crc, body)
    this.#state = state
    this.#log.stateChanged = false
  }

  /**
   * Makes durable what was found. A process that was killed may have written it without having synced it: it is there to
   * read, but a power cut could still take it away, after others were told of it.
   */
  #settle(): void {
    const [result] = this.#database.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
    if (result?.busy !== 0) throw new StoreError(`cannot make what ${this.#path} holds durable`)
    this.#mark.write({ state: this.#state.serial, log: this.#log.lastSerial })
    this.#mark.sync()
  }

  #claim(serverID: string | undefined): void {
    const owner = this.#state.serverID
    if (serverID === undefined || serverID === owner) return
    if (owner !== undefined) throw new StoreError(`${this.#path} belongs to server ${owner}, not to ${serverID}`)
    this.#transact(() => this.#writeState({ serverID }))
  }
}

const noRecords = new Uint8Array(0)

function readState(database: Database.Database, path: string): StoreState {
  const rows = database.prepare('SELECT body, crc FROM state').raw().all() as [unknown, unknown][]
  const state = rows.length === 1 ? decodeState(rows[0]![0], rows[0]![1]) : undefined
  if (state === undefined) throw damaged(path, 'the checksum of the term, the vote and the bounds of the log is wrong')
  return state
}

/** Compares what is there with what is known to have been durable: what SQLite dropped is missed here. */
function checkNothingLost(path: string, state: StoreState, log: LogRows, marked: MarkedSerials): void {
  const expected = state.serial === marked.state ? Math.max(marked.log, state.logSerial) : state.logSerial
  if (state.serial >= marked.state && log.lastSerial >= expected) return
  throw damaged(
    path,
    'the newest of what was stored in it is lost; the end of its write-ahead log was damaged, or is missing',
  )
}
