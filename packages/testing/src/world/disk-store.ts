import {
  type Awaitable,
  CorruptError,
  type Log,
  type LogRange,
  type LogStore,
  type LogStoreCapabilities,
  type LogWrite,
  type StableStore,
} from '@raft/core'
import type { DiskChange } from './disk-image.ts'
import type { SimulatedDisk } from './simulated-disk.ts'
import type { SimulatedProcess } from './simulated-process.ts'

/** The named values of a disk, as one process sees them. */
export class DiskStableStore implements StableStore {
  protected readonly disk: SimulatedDisk
  protected readonly process: SimulatedProcess

  /** @internal Made by `SimulatedDisk.open`. */
  constructor(disk: SimulatedDisk, process: SimulatedProcess) {
    this.disk = disk
    this.process = process
  }

  set(key: string, value: Uint8Array): Promise<void> {
    return this.change({ set: [{ key, value: value.slice() }] })
  }

  get(key: string): Awaitable<Uint8Array | undefined> {
    return this.read(() => {
      if (this.disk.isRotten(key)) throw this.damaged(`the value of ${key}`)
      return this.disk.visible.store.get(key)
    })
  }

  setUint64(key: string, number: number): Promise<void> {
    const value = new Uint8Array(8)
    new DataView(value.buffer).setBigUint64(0, BigInt(number))
    return this.change({ set: [{ key, value }] })
  }

  getUint64(key: string): Awaitable<number> {
    return this.read(() => this.disk.visible.store.getUint64(key))
  }

  protected change(change: DiskChange): Promise<void> {
    return new Promise((resolve, reject) => {
      this.disk.write(this.process, change, (error) => {
        if (error === undefined) resolve()
        else reject(error)
      })
    })
  }

  protected damaged(record: string): CorruptError {
    this.disk.observer?.refused?.(record)
    return new CorruptError(`${record} is damaged: its checksum is wrong`)
  }

  protected read<T>(fn: () => T): Awaitable<T> {
    if (this.process.isDead) return new Promise<T>(() => {})
    if (!this.disk.kind.slowReads) return fn()
    return new Promise<T>((resolve, reject) => {
      const finish = (): void => {
        try {
          resolve(fn())
        } catch (error) {
          reject(error)
        }
      }
      this.disk.after(() => this.process.run(finish))
    })
  }
}

/** The log of a disk as one process sees it; and its named values too, if both are one file. */
export class DiskStore extends DiskStableStore implements LogStore {
  readonly capabilities: LogStoreCapabilities
  readonly write?: (batch: LogWrite) => Promise<void>

  /** @internal Made by `SimulatedDisk.open`. */
  constructor(disk: SimulatedDisk, process: SimulatedProcess) {
    super(disk, process)
    const { atomicWrite, monotonic } = disk.kind
    this.capabilities = { contract: 1, atomicWrite, monotonic }
    if (atomicWrite) this.write = (batch) => this.#write(batch)
  }

  firstIndex(): Awaitable<number> {
    return this.read(() => this.disk.visible.store.firstIndex())
  }

  lastIndex(): Awaitable<number> {
    return this.read(() => this.disk.visible.store.lastIndex())
  }

  getLog(index: number): Awaitable<Log> {
    return this.read(() => this.#verified(this.disk.visible.store.getLog(index)))
  }

  getLogs(range: LogRange): Awaitable<readonly Log[]> {
    return this.read(() => {
      const logs = this.disk.visible.store.getLogs(range)
      for (const log of logs) this.#verified(log)
      return logs
    })
  }

  storeLog(log: Log): Promise<void> {
    return this.storeLogs([log])
  }

  storeLogs(logs: readonly Log[]): Promise<void> {
    this.#requireNoGap(logs)
    return this.change({ logs: [...logs] })
  }

  deleteRange(min: number, max: number): Promise<void> {
    return this.change({ remove: { min, max } })
  }

  #write({ set, deleteFrom, logs }: LogWrite): Promise<void> {
    if (deleteFrom === undefined) this.#requireNoGap(logs ?? [])
    return this.change({
      set: set?.map(({ key, value }) => ({ key, value: value.slice() })),
      remove: deleteFrom === undefined ? undefined : { min: deleteFrom, max: Number.MAX_SAFE_INTEGER },
      logs: logs === undefined ? undefined : [...logs],
    })
  }

  #requireNoGap(logs: readonly Log[]): void {
    const first = logs[0]?.index
    const last = this.disk.visible.store.lastIndex()
    if (!this.disk.kind.monotonic || first === undefined || last === 0 || first <= last + 1) return
    this.disk.observer?.misused?.(`entry ${first} was stored after ${last} in a store that holds no gaps`)
  }

  #verified(log: Log): Log {
    if (this.disk.isRotten(log.index)) throw this.damaged(`entry ${log.index}`)
    return log
  }
}
