import {
  type Log,
  LogNotFoundError,
  type LogRange,
  type LogStore,
  type LogStoreCapabilities,
  type LogWrite,
  type StableStore,
  StoreError,
} from '@raft/core'
import { LogRuns } from './log-runs.ts'

const capabilities: LogStoreCapabilities = Object.freeze({ contract: 1, atomicWrite: true })

/**
 * The log and the stable values in memory: nothing survives the process. Every method answers at once, without a
 * promise, and throws what the contract calls a rejection. The bytes of entries are kept where they are, not copied;
 * values are copied both ways. Gaps in the log are tolerated.
 */
export class InmemStore implements LogStore, StableStore {
  readonly capabilities: LogStoreCapabilities = capabilities
  readonly #logs = new LogRuns()
  readonly #values = new Map<string, Uint8Array>()

  /** The first index held, 0 when empty. */
  firstIndex(): number {
    return this.#logs.first
  }

  /** The last index held, 0 when empty. */
  lastIndex(): number {
    return this.#logs.last
  }

  /** The entry at the index, on the bytes that were stored. Throws `LogNotFoundError`. */
  getLog(index: number): Log {
    const log = this.#logs.get(index)
    if (log === undefined) throw new LogNotFoundError(index)
    return log
  }

  /**
   * The entries from `from`, up to `through`, a gap, or `maxBytes` of data and extensions, but at least one. Throws
   * `LogNotFoundError` if the first is missing, `RangeError` if `through` is before `from`.
   */
  getLogs({ from, through, maxBytes }: LogRange): readonly Log[] {
    if (through < from) throw new RangeError(`the range ends at ${through}, before it begins at ${from}`)
    const first = this.getLog(from)
    const found = [first]
    let bytes = payloadBytes(first)
    for (let index = from + 1; index <= through; index++) {
      const log = this.#logs.get(index)
      if (log === undefined) break
      bytes += payloadBytes(log)
      if (bytes > maxBytes) break
      found.push(log)
    }
    return found
  }

  /** `storeLogs` of one. */
  storeLog(log: Log): void {
    requireIndex(log.index)
    this.#logs.put(log)
  }

  /** Stores the entries, in place of those at their indexes. Throws `RangeError`, and stores none, if an index is not one. */
  storeLogs(logs: readonly Log[]): void {
    for (const log of logs) requireIndex(log.index)
    this.#logs.putAll(logs)
  }

  /** Removes the entries from `min` through `max`, as far as they are there. */
  deleteRange(min: number, max: number): void {
    this.#logs.delete(min, max)
  }

  /** Sets, then removes, then stores: all, or nothing and a throw. */
  write({ set, deleteFrom, logs }: LogWrite): void {
    for (const log of logs ?? []) requireIndex(log.index)
    for (const { key, value } of set ?? []) this.set(key, value)
    if (deleteFrom !== undefined) this.#logs.delete(deleteFrom, Infinity)
    if (logs !== undefined) this.#logs.putAll(logs)
  }

  /** Keeps a copy of the value. */
  set(key: string, value: Uint8Array): void {
    this.#values.set(key, Uint8Array.from(value))
  }

  /** A copy of the value, `undefined` when missing. */
  get(key: string): Uint8Array | undefined {
    return this.#values.get(key)?.slice()
  }

  /** Keeps a number from 0 to 2^53 − 1, as 8 bytes with the highest first. Throws `RangeError` for any other. */
  setUint64(key: string, value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`${key} must be an integer from 0 to 2^53 - 1, got ${value}`)
    }
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
    this.#values.set(key, bytes)
  }

  /** The number, 0 when missing. Throws `StoreError` if the key holds bytes that `setUint64` did not write. */
  getUint64(key: string): number {
    const bytes = this.#values.get(key)
    if (bytes === undefined) return 0
    const value = bytes.length === 8 ? new DataView(bytes.buffer).getBigUint64(0) : undefined
    if (value === undefined || value > Number.MAX_SAFE_INTEGER) throw new StoreError(`${key} does not hold a number`)
    return Number(value)
  }
}

/** What `maxBytes` counts. */
function payloadBytes(log: Log): number {
  return (log.data?.length ?? 0) + (log.extensions?.length ?? 0)
}

function requireIndex(index: number): void {
  if (!Number.isSafeInteger(index) || index < 1) {
    throw new RangeError(`the index of an entry must be an integer from 1 to 2^53 - 1, got ${index}`)
  }
}
