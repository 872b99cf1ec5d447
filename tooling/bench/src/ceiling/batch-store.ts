import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { ClusterTask } from '../measure/task.ts'

/** Where batches are kept. */
export interface BatchStore {
  /** Keeps all of them; when it returns they are as safe as they get. */
  add(frames: readonly Buffer[]): void
}

/** A store for one node. */
export function openBatchStore({ setting, folder }: ClusterTask, name: string): BatchStore {
  return setting === 'durable' ? new SqliteBatches(join(folder, `${name}.db`)) : new BatchesInMemory()
}

/** It keeps the latest batches, of about as many bytes as a log that is cut off has. */
const KEPT_BYTES = 16_777_216

class BatchesInMemory implements BatchStore {
  #older: Buffer[] = []
  #newer: Buffer[] = []
  #bytes = 0

  add(frames: readonly Buffer[]): void {
    for (const frame of frames) {
      this.#newer.push(frame)
      this.#bytes += frame.length
    }
    if (this.#bytes < KEPT_BYTES) return
    this.#older = this.#newer
    this.#newer = []
    this.#bytes = 0
  }

  /** How many it has. */
  get length(): number {
    return this.#older.length + this.#newer.length
  }
}

/** One row a batch, and one transaction for all that arrive together, on disk before it returns. */
class SqliteBatches implements BatchStore {
  readonly #database: Database.Database
  readonly #insert: Database.Statement
  readonly #addAll: (frames: readonly Buffer[]) => void

  constructor(path: string) {
    this.#database = new Database(path)
    this.#database.pragma('journal_mode = WAL')
    this.#database.pragma('synchronous = FULL')
    this.#database.pragma('wal_autocheckpoint = 200')
    this.#database.exec('CREATE TABLE batches (number INTEGER PRIMARY KEY, frame BLOB NOT NULL)')
    this.#insert = this.#database.prepare('INSERT INTO batches (frame) VALUES (?)')
    this.#addAll = this.#database.transaction((frames: readonly Buffer[]) => {
      for (const frame of frames) this.#insert.run(frame)
    })
  }

  add(frames: readonly Buffer[]): void {
    this.#addAll(frames)
  }
}
