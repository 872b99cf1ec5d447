import { StoreError } from '@raft/core'
import { calmDisk, type DiskConditions, type DiskKind, soundDisk } from './disk-conditions.ts'
import { type DiskChange, DiskImage } from './disk-image.ts'
import { DiskSnapshots, type SnapshotFile } from './disk-snapshots.ts'
import { DiskStableStore, DiskStore } from './disk-store.ts'
import type { SeededRandom } from './random.ts'
import type { SimulatedClock } from './simulated-clock.ts'
import type { SimulatedProcess } from './simulated-process.ts'

/** How a disk is made. */
export interface SimulatedDiskOptions {
  readonly clock: SimulatedClock
  readonly random: SeededRandom
  readonly kind?: Partial<DiskKind> | undefined
  readonly conditions?: DiskConditions | undefined
}

/** The stores of one process on a disk. */
export interface DiskStores {
  readonly logs: DiskStore
  readonly stable: DiskStore | DiskStableStore
  readonly snapshots: DiskSnapshots
}

/** Where a write has got to: it has begun, it is durable, and whoever asked for it has been told. */
export type WriteStep = 'begun' | 'durable' | 'told'

/** Sees what a disk does. */
export interface DiskObserver {
  /** A change is durable. */
  wrote?(change: DiskChange): void
  /** A store was used in a way that its contract forbids. */
  misused?(complaint: string): void
  /** A snapshot is durable and visible. */
  saved?(file: SnapshotFile): void
  /** A read was refused: the record is damaged. */
  refused?(record: string): void
  /** Everything on it is gone. */
  wiped?(): void
}

interface OpenWrite {
  readonly change: DiskChange
  readonly done: (error?: Error) => void
}

/**
 * A disk on virtual time that outlives the processes that use it. A write takes time; a crash leaves of what was not
 * finished all, nothing, or of a removal some. It can be slow, hang, be full, fail, and rot.
 */
export class SimulatedDisk {
  readonly clock: SimulatedClock
  readonly kind: DiskKind
  conditions: DiskConditions
  observer: DiskObserver | undefined
  /** Called at each step of each write, in which the process may be killed. */
  onStep: ((step: WriteStep) => void) | undefined
  /** How often something went wrong. */
  readonly counts = { writes: 0, failures: 0, lost: 0, torn: 0 }
  readonly #random: SeededRandom
  #durable = new DiskImage()
  #visible = new DiskImage()
  readonly #open = new Set<OpenWrite>()
  readonly #snapshots: DiskSnapshots['files'] = []
  /** Indexes of entries, and keys of values, that are damaged. */
  readonly #rotten = new Set<number | string>()
  /** Changes that a lying disk has said to be durable and that are not. */
  #promised: DiskChange[] = []
  #hung = false
  #waitingForHang: (() => void)[] = []

  constructor(options: SimulatedDiskOptions) {
    this.clock = options.clock
    this.#random = options.random
    this.kind = { ...soundDisk, ...options.kind }
    this.conditions = options.conditions ?? calmDisk
  }

  /** What would be left if the power failed now, as far as that is certain. */
  get durable(): DiskImage {
    return this.#durable
  }

  /** What reads see. */
  get visible(): DiskImage {
    return this.#visible
  }

  /** The snapshots that are complete and durable, newest first. */
  get durableSnapshots(): DiskSnapshots['files'] {
    return this.#snapshots
  }

  /** Opens the stores for a process. Those of a process that is dead do nothing any more. */
  open(process: SimulatedProcess): DiskStores {
    const logs = new DiskStore(this, process)
    const stable = this.kind.atomicWrite ? logs : new DiskStableStore(this, process)
    return { logs, stable, snapshots: new DiskSnapshots(this, process, this.#snapshots) }
  }

  /** The process that used it is gone, or the power: settles what becomes of what was not finished. */
  crash(): void {
    const promised = this.#promised
    this.#promised = []
    for (const { change } of this.#open) {
      const left = this.#torn(change)
      if (left === undefined) this.counts.lost += 1
      else this.#commit(left)
    }
    if (promised.length > 0) this.counts.lost += promised.length
    this.#open.clear()
    this.#waitingForHang = []
    this.#hung = false
    this.#visible = this.#durable.clone()
  }

  /** Finishes nothing any more until `release`. */
  hang(): void {
    this.#hung = true
  }

  /** Ends a hang. */
  release(): void {
    this.#hung = false
    for (const fn of this.#waitingForHang.splice(0)) fn()
  }

  /**
   * Flips a bit of the entry at the index, or of the value of the key: reading it fails from now on, until it is written
   * again.
   */
  rot(record: number | string): void {
    this.#rotten.add(record)
    if (typeof record === 'string' || !this.#durable.has(record)) return
    const log = this.#durable.store.getLog(record)
    if (log.data === undefined || log.data.length === 0) return
    const data = log.data.slice()
    data[this.#random.integer(0, data.length - 1)]! ^= 1 << this.#random.integer(0, 7)
    for (const image of [this.#durable, this.#visible]) if (image.has(record)) image.apply({ logs: [{ ...log, data }] })
  }

  /** Whether the entry at the index, or the value of the key, is damaged. */
  isRotten(record: number | string): boolean {
    return this.kind.checksums && this.#rotten.has(record)
  }

  /** What is damaged in the log and among the values, in words. */
  get damage(): string | undefined {
    for (const record of this.#rotten) {
      if (typeof record === 'string') return `the value of ${record}`
      if (this.#durable.has(record)) return `entry ${record}`
    }
    return undefined
  }

  /** Whether anything on it is damaged. */
  get isDamaged(): boolean {
    return this.damage !== undefined || this.#snapshots.some(({ rotten }) => rotten)
  }

  /** Loses everything. No process may live on it. */
  wipe(): void {
    this.crash()
    this.#durable = new DiskImage()
    this.#visible = new DiskImage()
    this.#snapshots.splice(0)
    this.#rotten.clear()
    this.observer?.wiped?.()
  }

  /** @internal Begins a write; `done` is called in the process when it is durable or has failed. */
  write(process: SimulatedProcess, change: DiskChange, done: (error?: Error) => void): void {
    if (process.isDead) return
    const open: OpenWrite = { change, done: (error) => process.run(() => done(error)) }
    if (this.#open.size > 0 && this.#conflicts(change)) {
      this.observer?.misused?.('a write was begun while another one was open in the same file')
    }
    this.counts.writes += 1
    this.#open.add(open)
    if (this.kind.showsEarly || this.kind.liesFor > 0) this.#visible.apply(change)
    this.after(() => this.#finish(open))
    this.onStep?.('begun')
  }

  /** @internal Calls back when something that was begun now is done. */
  after(fn: () => void): void {
    const { minimumLatency, meanLatency } = this.conditions
    this.clock.setTimer(fn, minimumLatency + this.#random.exponential(meanLatency))
  }

  /** @internal Whether a write that is about to be done fails. */
  failure(): Error | undefined {
    const failed = this.#random.chance(this.conditions.failures)
    if (!failed && !this.conditions.full) return undefined
    this.counts.failures += 1
    return new StoreError(this.conditions.full ? 'no space left on device' : 'input/output error')
  }

  /** @internal */
  chance(probability: number): boolean {
    return this.#random.chance(probability)
  }

  #finish(open: OpenWrite): void {
    if (!this.#open.has(open)) return
    if (this.#hung) {
      this.#waitingForHang.push(() => this.#finish(open))
      return
    }
    this.#open.delete(open)
    const error = this.failure()
    if (error !== undefined) {
      // Whether a write that failed was done is anybody's guess.
      if (this.#random.chance(0.3)) this.#commit(open.change)
      open.done(error)
      return
    }
    if (this.kind.liesFor > 0) this.#promise(open.change)
    else this.#commit(open.change)
    this.onStep?.('durable')
    open.done()
    this.onStep?.('told')
  }

  #promise(change: DiskChange): void {
    this.#promised.push(change)
    this.clock.setTimer(() => {
      if (this.#promised[0] !== change) return
      this.#promised.shift()
      this.#commit(change)
    }, this.kind.liesFor)
  }

  #commit(change: DiskChange): void {
    this.#durable.apply(change)
    if (!this.kind.showsEarly && this.kind.liesFor === 0) this.#visible.apply(change)
    for (const { index } of change.logs ?? []) this.#rotten.delete(index)
    for (const { key } of change.set ?? []) this.#rotten.delete(key)
    this.observer?.wrote?.(change)
  }

  /** Another write of the same file is open: of the log, or of anything if log and values share one. */
  #conflicts(change: DiskChange): boolean {
    if (this.kind.atomicWrite) return true
    const isStable = (one: DiskChange): boolean => one.set !== undefined
    for (const open of this.#open) if (isStable(open.change) === isStable(change)) return true
    return false
  }

  /** What a crash leaves of a write that was not finished. */
  #torn(change: DiskChange): DiskChange | undefined {
    const all = this.#random.chance(0.5)
    const part = this.#random.next()
    if (change.remove === undefined || change.logs !== undefined || change.set !== undefined)
      return all ? change : undefined
    // A removal may stop half-way; entries go from the end of the log that it is about, so that no gap is left.
    const first = this.#durable.store.firstIndex()
    const last = this.#durable.store.lastIndex()
    const min = Math.max(change.remove.min, first)
    const max = Math.min(change.remove.max, last)
    const count = Math.floor((max - min + 1) * part)
    if (first === 0 || count <= 0) return undefined
    this.counts.torn += 1
    return { remove: min === first ? { min, max: min + count - 1 } : { min: max - count + 1, max } }
  }
}
