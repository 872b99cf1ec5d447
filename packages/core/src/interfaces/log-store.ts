import type { Awaitable } from './awaitable.ts'
import type { Log } from '../types/log.ts'
import type { StableStore } from './stable-store.ts'

/** What a log store can do, declared and not probed. Wrappers hand on what they wrap. */
export interface LogStoreCapabilities {
  /** The version of this contract that the store was written for. `Raft.start` refuses another and names both. */
  readonly contract: 1
  /** It holds no gaps: entries are contiguous, so that it is emptied before entries beyond a gap are stored. */
  readonly monotonic?: boolean
  /** It has `write`, which does all of a batch in one durable transaction. */
  readonly atomicWrite?: boolean
}

/** A range of entries to read; both ends are included. */
export interface LogRange {
  readonly from: number
  readonly through: number
  /** Stop before the payloads exceed this, but return at least one entry. */
  readonly maxBytes: number
}

/** One durable step: in this order, all of it or nothing. */
export interface LogWrite {
  /** Keys of the stable store that is the same file as this log store. */
  readonly set?: readonly { readonly key: string; readonly value: Uint8Array }[] | undefined
  /** Removes this entry and all after it. */
  readonly deleteFrom?: number | undefined
  /** Appended after the removal. */
  readonly logs?: readonly Log[] | undefined
}

/**
 * Keeps the log. At most one write (`storeLog`, `storeLogs`, `deleteRange`, `write`) is open at a time; reads may run
 * beside it and see the state before or after it. A write that rejects stops the node. Entries are borrowed: a store
 * neither changes them nor transfers their bytes. It keeps `undefined` and empty bytes apart, and every field of a
 * `Log`, nanoseconds and zone included.
 */
export interface LogStore {
  readonly capabilities?: LogStoreCapabilities
  /** For a wrapper: the store that the entries are really in, so that the node sees that it is also the stable store. */
  readonly backing?: LogStore | StableStore
  /** The first index kept, 0 when empty. */
  firstIndex(): Awaitable<number>
  /** The last index kept, 0 when empty. */
  lastIndex(): Awaitable<number>
  /** The entry at the index. Rejects with `LogNotFoundError` if there is none. */
  getLog(index: number): Awaitable<Log>
  /**
   * The entries of the range, ascending, at least one, then as many as fit `maxBytes`. Rejects with `LogNotFoundError`
   * if the first is missing; stops before a later one that is missing.
   */
  getLogs(range: LogRange): Awaitable<readonly Log[]>
  /** `storeLogs` of one. */
  storeLog(log: Log): Awaitable<void>
  /** Stores all or none. Resolved means that they survive a power cut. An entry at an index that is held replaces it. */
  storeLogs(logs: readonly Log[]): Awaitable<void>
  /** Removes the entries from `min` through `max`; those that are missing do not matter. Resolved means durable. */
  deleteRange(min: number, max: number): Awaitable<void>
  /** With `atomicWrite`: one durable transaction. Resolved means that it survives a power cut. */
  write?(batch: LogWrite): Awaitable<void>
}

/** A log store that holds no gaps (`MonotonicLogStore`); `capabilities.monotonic` says the same. */
export interface MonotonicLogStore extends LogStore {
  /** Whether it tolerates no gaps: then it is emptied before entries beyond a gap are stored. */
  isMonotonic(): boolean
}
