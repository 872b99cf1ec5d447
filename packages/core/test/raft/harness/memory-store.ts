import type { Awaitable } from '../../../src/interfaces/awaitable.ts'
import type { LogRange, LogStore, LogStoreCapabilities, LogWrite } from '../../../src/interfaces/log-store.ts'
import type { StableStore } from '../../../src/interfaces/stable-store.ts'
import { LogNotFoundError } from '../../../src/types/errors.ts'
import type { Log } from '../../../src/types/log.ts'

/** Log and stable store in memory, with a record of the writes and ways to make them slow or fail. */
export class MemoryStore implements LogStore, StableStore {
  capabilities: LogStoreCapabilities = { contract: 1, atomicWrite: true }
  readonly entries = new Map<number, Log>()
  readonly values = new Map<string, Uint8Array>()
  /** Every write, as text. */
  readonly writes: string[] = []
  /** What a write waits for, if not nothing. */
  gate: (() => Awaitable<void>) | undefined
  /** Thrown by reads, if set. */
  readError: Error | undefined

  firstIndex(): number {
    return this.entries.size === 0 ? 0 : Math.min(...this.entries.keys())
  }

  lastIndex(): number {
    return this.entries.size === 0 ? 0 : Math.max(...this.entries.keys())
  }

  getLog(index: number): Log {
    if (this.readError !== undefined) throw this.readError
    const log = this.entries.get(index)
    if (log === undefined) throw new LogNotFoundError(index)
    return log
  }

  getLogs({ from, through, maxBytes }: LogRange): readonly Log[] {
    const found = [this.getLog(from)]
    let bytes = found[0]!.data?.length ?? 0
    for (let index = from + 1; index <= through; index++) {
      const log = this.entries.get(index)
      bytes += log?.data?.length ?? 0
      if (log === undefined || bytes > maxBytes) break
      found.push(log)
    }
    return found
  }

  storeLog(log: Log): Awaitable<void> {
    return this.storeLogs([log])
  }

  storeLogs(logs: readonly Log[]): Awaitable<void> {
    return this.#write(`store ${logs.map((log) => log.index).join(' ')}`, () => this.#put(logs))
  }

  deleteRange(min: number, max: number): Awaitable<void> {
    return this.#write(`delete ${min}-${max}`, () => {
      for (let index = min; index <= max; index++) this.entries.delete(index)
    })
  }

  write(batch: LogWrite): Awaitable<void> {
    const { set = [], deleteFrom, logs = [] } = batch
    const text = `write set=${set.length} from=${deleteFrom ?? '-'} logs=${logs.map((log) => log.index).join(' ')}`
    return this.#write(text, () => {
      for (const { key, value } of set) this.values.set(key, value.slice())
      if (deleteFrom !== undefined)
        for (const index of [...this.entries.keys()]) if (index >= deleteFrom) this.entries.delete(index)
      this.#put(logs)
    })
  }

  set(key: string, value: Uint8Array): Awaitable<void> {
    return this.#write(`set ${key}`, () => void this.values.set(key, value.slice()))
  }

  get(key: string): Uint8Array | undefined {
    return this.values.get(key)?.slice()
  }

  setUint64(): void {
    throw new Error('not used')
  }

  getUint64(): number {
    return 0
  }

  #put(logs: readonly Log[]): void {
    for (const log of logs) this.entries.set(log.index, log)
  }

  #write(text: string, act: () => void): Awaitable<void> {
    this.writes.push(text)
    const open = this.gate?.()
    if (open === undefined) return act()
    return Promise.resolve(open).then(act)
  }
}
