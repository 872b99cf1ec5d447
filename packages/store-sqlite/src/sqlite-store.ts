import {
  type Log,
  LogNotFoundError,
  type LogRange,
  type LogStore,
  type LogStoreCapabilities,
  type LogWrite,
  type ServerID,
  type StableStore,
  StoreError,
} from '@raft/core'
import { packedBytes, packLogs } from './packing.ts'
import { type Bounds } from './protocol.ts'
import { readRecords } from './records.ts'
import { SLOT_BYTES } from './shared-slot.ts'
import { type StoreAnswer, WorkerLink } from './worker-link.ts'

/** How a store is opened. */
export interface SqliteStoreOptions {
  /** The database file; made if missing, but not its folder. Two more appear beside it: `-wal` and `-mark`. */
  readonly path: string
  /** The server that the store is for. The file remembers it, and refuses another. Default: not checked. */
  readonly serverID?: ServerID | undefined
  /**
   * Whether opening reads the whole file and refuses any damage, which takes about a second per GB. If not, damage of
   * an entry is found when it is read. Default true.
   */
  readonly verify?: boolean | undefined
}

const capabilities: LogStoreCapabilities = Object.freeze({ contract: 1, atomicWrite: true })

/**
 * The log and the stable values in one SQLite file. A write that has resolved survives a power cut; the disk is waited
 * for in a thread of its own. What is read is checked against its checksum, and refused if it is damaged.
 *
 * One write at a time is the contract; more are carried out one after the other. Reads may run beside them. After a
 * write that was rejected because the disk failed, all later ones are rejected, and tell the first reason.
 */
export class SqliteStore implements LogStore, StableStore {
  readonly capabilities: LogStoreCapabilities = capabilities
  /** The server that the file says it belongs to. */
  readonly serverID: ServerID | undefined
  readonly #path: string
  readonly #link: WorkerLink
  readonly #values: Map<string, Uint8Array>
  /** Where entries are packed, to be copied at once. */
  readonly #draft = new Uint8Array(SLOT_BYTES)
  #bounds: Bounds
  #closing: Promise<void> | undefined

  /**
   * Opens a store, or makes one. Rejects with `StoreError` if the file is open already, belongs to another server or
   * program, was written by a newer version, or cannot be read and written; with `CorruptError` if it is damaged.
   */
  static async open(options: SqliteStoreOptions): Promise<SqliteStore> {
    const { path, serverID, verify = true } = options
    if (path === '' || path.startsWith(':memory:') || path.startsWith('file:')) {
      throw new TypeError(`path must name a file, got '${path}'`)
    }
    if (serverID === '') throw new TypeError('serverID must not be empty')
    const { link, answer } = await WorkerLink.start({ path, serverID, verify })
    if (answer.kind !== 'opened') throw unexpected(answer)
    return new SqliteStore(path, link, answer)
  }

  private constructor(path: string, link: WorkerLink, opened: Extract<StoreAnswer, { readonly kind: 'opened' }>) {
    this.#path = path
    this.#link = link
    this.serverID = opened.serverID
    this.#values = new Map(opened.values)
    this.#bounds = opened.bounds
  }

  /** The first index held, 0 when empty. Answers at once. */
  firstIndex(): number {
    this.#requireOpen()
    return this.#bounds.first
  }

  /** The last index held, 0 when empty. Answers at once. */
  lastIndex(): number {
    this.#requireOpen()
    return this.#bounds.last
  }

  /** The entry at the index. Rejects with `LogNotFoundError`, or with `CorruptError` if it is damaged. */
  async getLog(index: number): Promise<Log> {
    const [log] = await this.getLogs({ from: index, through: index, maxBytes: 0 })
    return log!
  }

  /**
   * The entries from `from`, up to `through`, a gap, or `maxBytes` of data and extensions, but at least one; they share
   * one buffer. Rejects with `LogNotFoundError` if the first is missing, with `CorruptError` if one is damaged, and
   * with `RangeError` if `through` is before `from`.
   */
  async getLogs({ from, through, maxBytes }: LogRange): Promise<readonly Log[]> {
    this.#requireOpen()
    if (!(through >= from)) throw new RangeError(`the range ends at ${through}, before it begins at ${from}`)
    const answer = await this.#link.ask({ kind: 'read', from, through, maxBytes })
    if (answer.kind !== 'read') throw unexpected(answer)
    if (answer.rows.length === 0) throw new LogNotFoundError(from)
    const logs: Log[] = []
    for (const { first, start, end } of answer.rows) readRecords(answer.buffer, start, end, first, logs)
    return logs
  }

  /** `storeLogs` of one. */
  storeLog(log: Log): Promise<void> {
    return this.write({ logs: [log] })
  }

  /** Stores all or none; resolved means durable. Rejects with `RangeError` if a number of an entry cannot be stored. */
  storeLogs(logs: readonly Log[]): Promise<void> {
    return this.write({ logs })
  }

  /**
   * Removes the entries from `min` through `max`; resolved means durable. The space of a prefix is freed afterwards,
   * little by little, and used again; the file does not shrink.
   */
  async deleteRange(min: number, max: number): Promise<void> {
    this.#requireOpen()
    if (max < min) return
    this.#written(await this.#link.ask({ kind: 'delete', min, max }))
  }

  /** Sets, then removes, then stores, in one transaction; resolved means durable. */
  async write({ set = [], deleteFrom, logs = [] }: LogWrite): Promise<void> {
    this.#requireOpen()
    if (set.length === 0 && deleteFrom === undefined && logs.length === 0) return
    const bytes = packedBytes(logs)
    if (set.length === 0 && deleteFrom === undefined) {
      const packed = bytes > SLOT_BYTES ? new Uint8Array(bytes) : this.#draft.subarray(0, bytes)
      return this.#written(await this.#link.store(packLogs(logs, packed), packed))
    }
    const buffer = new ArrayBuffer(bytes)
    const rows = packLogs(logs, new Uint8Array(buffer))
    // A view of a pooled buffer would be cloned with the whole pool; and the caller may use its bytes again.
    const values = set.map(({ key, value }) => [key, Uint8Array.from(value)] as const)
    this.#written(await this.#link.ask({ kind: 'write', set: values, deleteFrom, rows, buffer }, [buffer]))
    for (const [key, value] of values) this.#values.set(key, value)
  }

  /** Keeps a value; resolved means durable. All values are written together, so they should be few and small. */
  set(key: string, value: Uint8Array): Promise<void> {
    return this.write({ set: [{ key, value }] })
  }

  /** A copy of the value, `undefined` when missing. Answers at once. */
  get(key: string): Uint8Array | undefined {
    this.#requireOpen()
    return this.#values.get(key)?.slice()
  }

  /** Keeps a number from 0 to 2^53 − 1, as 8 bytes with the highest first. Rejects with `RangeError` for any other. */
  async setUint64(key: string, value: number): Promise<void> {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`${key} must be an integer from 0 to 2^53 - 1, got ${value}`)
    }
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
    await this.set(key, bytes)
  }

  /** The number, 0 when missing. Throws `StoreError` if the key holds bytes that `setUint64` did not write. */
  getUint64(key: string): number {
    const bytes = this.get(key)
    if (bytes === undefined) return 0
    const value = bytes.length === 8 ? new DataView(bytes.buffer).getBigUint64(0) : undefined
    if (value === undefined || value > Number.MAX_SAFE_INTEGER) throw new StoreError(`${key} does not hold a number`)
    return Number(value)
  }

  /** Finishes what is under way, closes the files and ends the thread. A second call waits for the first. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    try {
      await this.#link.ask({ kind: 'close' })
    } finally {
      await this.#link.ended()
    }
  }

  #written(answer: StoreAnswer): void {
    if (answer.kind !== 'written') throw unexpected(answer)
    this.#bounds = answer.bounds
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw new StoreError(`${this.#path} is closed`)
  }
}

function unexpected(answer: StoreAnswer): StoreError {
  return new StoreError(`the thread of the store answered with '${answer.kind}'`)
}
