import { closeSync, fdatasyncSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import {
  CorruptError,
  type Log,
  LogNotFoundError,
  type LogRange,
  type LogStore,
  type LogStoreCapabilities,
  type LogWrite,
  type StableStore,
} from '@raft/core'

/** One durable step, as a line of the journal holds it: values are set, entries are removed, others are stored. */
interface Change {
  readonly set?: LogWrite['set']
  readonly remove?: readonly [min: number, max: number]
  readonly logs?: readonly Log[] | undefined
}

/**
 * A log store and a stable store in one journal: every write is one line with a checksum, synced before the call
 * returns. All of it is kept in memory, and the file never shrinks.
 */
export class FileStore implements LogStore, StableStore {
  readonly capabilities: LogStoreCapabilities = { contract: 1, monotonic: false, atomicWrite: true }
  readonly path: string
  readonly #entries = new Map<number, Log>()
  readonly #values = new Map<string, Uint8Array>()
  readonly #file: number
  #first = 0
  #last = 0
  #failure: unknown

  /** Opens the journal, or begins a new one. Throws a `CorruptError` if it is damaged. */
  constructor(path: string) {
    this.path = path
    this.#file = openSync(path, 'a+', 0o600)
    try {
      this.#read(readFileSync(path))
      syncFolder(dirname(path))
    } catch (error) {
      closeSync(this.#file)
      throw error
    }
  }

  firstIndex(): number {
    return this.#first
  }

  lastIndex(): number {
    return this.#last
  }

  getLog(index: number): Log {
    const log = this.#entries.get(index)
    if (log === undefined) throw new LogNotFoundError(index)
    return log
  }

  getLogs({ from, through, maxBytes }: LogRange): readonly Log[] {
    const first = this.getLog(from)
    const logs = [first]
    let bytes = sizeOf(first)
    for (let index = from + 1; index <= through; index++) {
      const log = this.#entries.get(index)
      if (log === undefined) break
      bytes += sizeOf(log)
      if (bytes > maxBytes) break
      logs.push(log)
    }
    return logs
  }

  storeLog(log: Log): void {
    this.#keep({ logs: [log] })
  }

  storeLogs(logs: readonly Log[]): void {
    if (logs.length > 0) this.#keep({ logs })
  }

  deleteRange(min: number, max: number): void {
    this.#keep({ remove: [min, max] })
  }

  write({ set, deleteFrom, logs }: LogWrite): void {
    this.#keep({ set, logs, ...(deleteFrom !== undefined && { remove: [deleteFrom, Number.MAX_SAFE_INTEGER] }) })
  }

  set(key: string, value: Uint8Array): void {
    this.#keep({ set: [{ key, value }] })
  }

  get(key: string): Uint8Array | undefined {
    return this.#values.get(key)?.slice()
  }

  setUint64(key: string, value: number): void {
    this.set(key, new TextEncoder().encode(String(value)))
  }

  getUint64(key: string): number {
    const value = this.#values.get(key)
    return value === undefined ? 0 : Number(new TextDecoder().decode(value))
  }

  /** Closes the file. What was stored stays. */
  close(): void {
    closeSync(this.#file)
  }

  /** Durable first, visible after. */
  #keep(change: Change): void {
    if (this.#failure !== undefined) {
      throw new Error(`${this.path} cannot be written any more, since a write failed`, { cause: this.#failure })
    }
    const text = JSON.stringify(change, replace)
    try {
      const line = Buffer.from(`${checksum(text)} ${text}\n`)
      // A disk that is nearly full may take a part, without an error.
      if (writeSync(this.#file, line) < line.length)
        throw new Error(`${this.path} was written in part: no space is left`)
      fdatasyncSync(this.#file)
    } catch (error) {
      // Nobody knows how much of the line is there, so nothing may come after it.
      this.#failure = error
      throw error
    }
    // Read back, so that nothing is shared with the caller, and memory holds what the file does.
    this.#take(JSON.parse(text, revive) as Change)
  }

  /** Takes every line. The last may be torn by a crash: it was never acknowledged, so it is cut off. */
  #read(bytes: Uint8Array): void {
    let [start, end] = [0, 0]
    for (let next = bytes.indexOf(10); next !== -1; next = bytes.indexOf(10, start)) {
      const change = changeOf(bytes.subarray(start, next))
      const follows = end === start
      start = next + 1
      if (change === undefined) continue
      if (!follows) throw new CorruptError(`${this.path} is damaged at byte ${end}, and what follows it is not`)
      this.#take(change)
      end = start
    }
    if (end === bytes.length) return
    ftruncateSync(this.#file, end)
    fsyncSync(this.#file)
  }

  #take({ set = [], remove, logs = [] }: Change): void {
    for (const { key, value } of set) this.#values.set(key, value)
    if (remove !== undefined) this.#remove(...remove)
    for (const log of logs) {
      this.#entries.set(log.index, log)
      this.#first = this.#first === 0 ? log.index : Math.min(this.#first, log.index)
      this.#last = Math.max(this.#last, log.index)
    }
  }

  #remove(min: number, max: number): void {
    this.#first = 0
    this.#last = 0
    for (const index of this.#entries.keys()) {
      if (index >= min && index <= max) this.#entries.delete(index)
      else {
        this.#first = this.#first === 0 ? index : Math.min(this.#first, index)
        this.#last = Math.max(this.#last, index)
      }
    }
  }
}

function sizeOf({ data, extensions }: Log): number {
  return (data?.length ?? 0) + (extensions?.length ?? 0)
}

/** The change of a line; undefined if it is not as it was written. */
function changeOf(line: Uint8Array): Change | undefined {
  const text = Buffer.from(line).toString()
  const json = text.slice(9)
  return text.slice(0, 9) === `${checksum(json)} ` ? (JSON.parse(json, revive) as Change) : undefined
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}

/** A new file is there after a power cut only once its folder is written. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function replace(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') }
  // A Buffer has made itself an array of numbers before it is asked about here.
  const { type, data } = (value ?? {}) as { readonly type?: unknown; readonly data?: unknown }
  return type === 'Buffer' && Array.isArray(data) ? { bytes: Buffer.from(data as number[]).toString('base64') } : value
}

function revive(_key: string, value: unknown): unknown {
  const { bytes } = (value ?? {}) as { readonly bytes?: unknown }
  return typeof bytes === 'string' ? Uint8Array.from(Buffer.from(bytes, 'base64')) : value
}
