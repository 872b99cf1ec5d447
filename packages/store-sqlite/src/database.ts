import { closeSync, existsSync, openSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { StoreError } from '@raft/core'
import { damaged } from './failures.ts'
import { Mark, type MarkedSerials, syncFolder } from './mark.ts'
import { APPLICATION_ID, FORMAT_VERSION, TABLES } from './schema.ts'
import { encodeState } from './state.ts'

/** The two files of a store, open and locked. */
export interface OpenFiles {
  readonly database: Database.Database
  readonly mark: Mark
  readonly serials: MarkedSerials
}

/** Opens the store's files, or makes them. Throws what SQLite or the system throws, or an error of ours. */
export function openFiles(path: string, verify: boolean): OpenFiles {
  const folder = dirname(path)
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new StoreError(`cannot open ${path}: there is no folder ${folder}`)
  // SQLite would make it readable for everybody, and gives its other files the mode of this one. A file that is there is
  // not opened: closing it would end the locks that this process holds on it.
  if (!existsSync(path)) closeSync(openSync(path, 'wx', 0o600))
  const database = new Database(path, { timeout: 0 })
  let mark: Mark | undefined
  try {
    lock(database)
    const isEmpty = identify(database, path)
    setDurable(database, path)
    // SQLite names its files by the real one too.
    const markPath = `${realpathSync(path)}-mark`
    const files = isEmpty ? createMark(path, markPath) : openMark(path, markPath)
    mark = files.mark
    if (isEmpty) createTables(database)
    syncFolder(dirname(markPath))
    checkTables(database, path, verify)
    return { database, ...files }
  } catch (error) {
    mark?.close()
    database.close()
    throw error
  }
}

/** Takes the lock for as long as the file is open: it is the system's, so that it ends with the process. */
function lock(database: Database.Database): void {
  database.pragma('locking_mode = EXCLUSIVE')
  database.exec('BEGIN EXCLUSIVE; COMMIT')
}

/** Whether the file is still empty; throws if it is not a store that this version can use. Writes nothing. */
function identify(database: Database.Database, path: string): boolean {
  const application = database.pragma('application_id', { simple: true })
  const version = Number(database.pragma('user_version', { simple: true }))
  const tables = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()
  if (application === 0 && version === 0 && tables === 0) return true
  if (application !== APPLICATION_ID) throw new StoreError(`${path} is not a raft store`)
  if (version > FORMAT_VERSION) {
    throw new StoreError(
      `${path} has format ${version}, and this version of @raft/store-sqlite reads formats up to ${FORMAT_VERSION}: upgrade it`,
    )
  }
  if (version < 1) throw damaged(path, `its format is ${version}`)
  return false
}

/**
 * What makes a commit survive a power cut. better-sqlite3 opens a database that is in WAL mode already with
 * synchronous=NORMAL, where it does not, so it is set and read back at every open.
 */
function setDurable(database: Database.Database, path: string): void {
  const journal = database.pragma('journal_mode = WAL', { simple: true })
  database.pragma('synchronous = FULL')
  database.pragma('fullfsync = ON')
  database.pragma('checkpoint_fullfsync = ON')
  // Frequent checkpoints cost a log no throughput, and keep each of them short.
  database.pragma('wal_autocheckpoint = 200')
  database.pragma('journal_size_limit = 67108864')
  database.pragma('cell_size_check = ON')
  database.pragma('trusted_schema = OFF')
  const synchronous = database.pragma('synchronous', { simple: true })
  if (journal !== 'wal' || synchronous !== 2) {
    throw new StoreError(`cannot make ${path} durable: journal_mode is ${journal}, synchronous is ${synchronous}`)
  }
}

/** The mark comes before the tables, so that tables without a mark mean that somebody took it away. */
function createMark(path: string, markPath: string): { mark: Mark; serials: MarkedSerials } {
  if (!existsSync(markPath)) return { mark: Mark.create(markPath), serials: { state: 0, log: 0 } }
  const opened = Mark.open(markPath)
  if (opened.serials.state === 0) return opened
  opened.mark.close()
  throw damaged(path, `it is empty, but ${markPath} says that it held data; a new store needs both to be gone`)
}

function openMark(path: string, markPath: string): { mark: Mark; serials: MarkedSerials } {
  if (!existsSync(markPath)) throw damaged(path, `${markPath}, which belongs to it, is missing`)
  return Mark.open(markPath)
}

function createTables(database: Database.Database): void {
  database.transaction(() => {
    for (const table of TABLES) database.exec(table)
    const { body, crc } = encodeState({ serial: 1, logSerial: 0, first: 0, serverID: undefined, values: new Map() })
    database.prepare('INSERT INTO state (id, crc, body) VALUES (1, ?, ?)').run(crc, body)
    database.pragma(`application_id = ${APPLICATION_ID}`)
    database.pragma(`user_version = ${FORMAT_VERSION}`)
  })()
}

function checkTables(database: Database.Database, path: string, verify: boolean): void {
  const found = database.prepare('SELECT sql FROM sqlite_schema ORDER BY name').pluck().all()
  if (found.length !== TABLES.length || found.some((sql, at) => sql !== TABLES[at])) {
    throw damaged(path, 'its tables are not what they should be')
  }
  if (!verify) return
  const verdict = database.pragma('quick_check(1)', { simple: true })
  if (verdict !== 'ok') throw damaged(path, String(verdict))
}
