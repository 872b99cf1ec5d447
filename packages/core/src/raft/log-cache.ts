import type { Awaitable } from '../interfaces/awaitable.ts'
import type { LogRange, LogStore, LogStoreCapabilities, LogWrite, MonotonicLogStore } from '../interfaces/log-store.ts'
import type { StableStore } from '../interfaces/stable-store.ts'
import type { Log } from '../types/log.ts'
import { payloadBytes } from './log-bytes.ts'
import { isThenable } from './settle.ts'

/**
 * Keeps the newest entries of a log store in memory, so that reading them costs nothing. Everything else goes to the
 * store, and what the store can do the cache can too. The node itself remembers recent entries; this is for other
 * readers, and for stores that are shared.
 */
export class LogCache implements MonotonicLogStore {
  readonly #store: LogStore
  readonly #slots: (Log | undefined)[]
  /** Present if the store has it. */
  readonly write?: (batch: LogWrite) => Awaitable<void>

  /** Throws a `RangeError` unless the capacity, in entries, is an integer of at least 1. */
  constructor(capacity: number, store: LogStore) {
    if (!(capacity > 0)) throw new RangeError('capacity must be positive')
    if (!Number.isSafeInteger(capacity)) throw new RangeError(`capacity must be an integer, got ${capacity}`)
    this.#store = store
    this.#slots = new Array<Log | undefined>(capacity)
    if (store.write !== undefined) this.write = (batch) => this.#write(batch)
  }

  /** The store's own. */
  get capabilities(): LogStoreCapabilities {
    return this.#store.capabilities ?? { contract: 1 }
  }

  /** The store that the entries are really in. */
  get backing(): LogStore | StableStore {
    return this.#store.backing ?? this.#store
  }

  /** Whether the store holds no gaps. */
  isMonotonic(): boolean {
    return this.capabilities.monotonic ?? false
  }

  firstIndex(): Awaitable<number> {
    return this.#store.firstIndex()
  }

  lastIndex(): Awaitable<number> {
    return this.#store.lastIndex()
  }

  getLog(index: number): Awaitable<Log> {
    return this.#cached(index) ?? this.#store.getLog(index)
  }

  /** From memory, if all of it is there as far as `maxBytes` reaches; else from the store. */
  getLogs(range: LogRange): Awaitable<readonly Log[]> {
    const logs: Log[] = []
    let bytes = 0
    for (let index = range.from; index <= range.through; index++) {
      const log = this.#cached(index)
      if (log === undefined) return this.#store.getLogs(range)
      bytes += payloadBytes(log)
      if (bytes > range.maxBytes && logs.length > 0) break
      logs.push(log)
    }
    return logs.length > 0 ? logs : this.#store.getLogs(range)
  }

  storeLog(log: Log): Awaitable<void> {
    return this.storeLogs([log])
  }

  /** Stores them, then keeps them in memory. A failure is the store's own error, and nothing of it is kept. */
  storeLogs(logs: readonly Log[]): Awaitable<void> {
    return this.#after(this.#store.storeLogs(logs), () => this.#keep(logs))
  }

  deleteRange(min: number, max: number): Awaitable<void> {
    this.#slots.fill(undefined)
    return this.#store.deleteRange(min, max)
  }

  /** Closes the store, if it can be closed. */
  close(): Awaitable<void> {
    const { close } = this.#store as { readonly close?: () => Awaitable<void> }
    return close?.call(this.#store)
  }

  #write(batch: LogWrite): Awaitable<void> {
    if (batch.deleteFrom !== undefined) this.#slots.fill(undefined)
    return this.#after(this.#store.write!(batch), () => this.#keep(batch.logs ?? []))
  }

  #after(stored: Awaitable<void>, keep: () => void): Awaitable<void> {
    return isThenable(stored) ? stored.then(keep) : keep()
  }

  #cached(index: number): Log | undefined {
    const log = this.#slots[index % this.#slots.length]
    return log?.index === index ? log : undefined
  }

  #keep(logs: readonly Log[]): void {
    for (const log of logs.slice(-this.#slots.length)) this.#slots[log.index % this.#slots.length] = log
  }
}
