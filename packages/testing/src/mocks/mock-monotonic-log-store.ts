import type { Awaitable, Log, LogRange, LogStoreCapabilities, LogStore, LogWrite, MonotonicLogStore } from '@raft/core'

/** A log store around another one that says that it holds no gaps, so that the node empties it rather than leave one. */
export class MockMonotonicLogStore implements MonotonicLogStore {
  readonly capabilities: LogStoreCapabilities
  readonly backing: LogStore
  /** There if the store that is wrapped has it. */
  readonly write?: (batch: LogWrite) => Awaitable<void>

  constructor(store: LogStore) {
    this.backing = store
    this.capabilities = { contract: 1, ...store.capabilities, monotonic: true }
    if (store.write !== undefined) this.write = (batch) => store.write!(batch)
  }

  isMonotonic(): boolean {
    return true
  }

  firstIndex(): Awaitable<number> {
    return this.backing.firstIndex()
  }

  lastIndex(): Awaitable<number> {
    return this.backing.lastIndex()
  }

  getLog(index: number): Awaitable<Log> {
    return this.backing.getLog(index)
  }

  getLogs(range: LogRange): Awaitable<readonly Log[]> {
    return this.backing.getLogs(range)
  }

  storeLog(log: Log): Awaitable<void> {
    return this.backing.storeLog(log)
  }

  storeLogs(logs: readonly Log[]): Awaitable<void> {
    return this.backing.storeLogs(logs)
  }

  deleteRange(min: number, max: number): Awaitable<void> {
    return this.backing.deleteRange(min, max)
  }
}
