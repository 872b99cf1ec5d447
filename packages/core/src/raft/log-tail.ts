import type { LogRange } from '../interfaces/log-store.ts'
import type { Log } from '../types/log.ts'
import { payloadBytes } from './log-bytes.ts'
import { PackedLogs } from './packed-logs.ts'

/** How much is kept beyond what must be. */
export interface TailLimits {
  readonly count: number
  readonly bytes: number
}

/** How far everybody is who reads. */
export interface TailReaders {
  readonly durable: number
  readonly applied: number
}

/** Arrays that were read and are remembered, for the next who wants the same. */
const REMEMBERED = 8
/** What one of them may hold. */
const REMEMBERED_BYTES = 4_194_304
/** Entries whose objects are kept though they are applied: other servers are about to be sent them. */
const YOUNG = 1_024

interface Batch {
  readonly logs: readonly Log[]
  readonly first: number
  readonly last: number
  /** At most. */
  readonly bytes: number
}

/**
 * The newest entries, in memory, so that replication and the FSM seldom read the store. What is not durable is never
 * dropped: it cannot be read anywhere else. Only the youngest are kept as objects; the rest is packed.
 */
export class LogTail {
  readonly #limits: TailLimits
  #logs = new PackedLogs(1)
  #bytes = 0
  /** The newest arrays that were added, oldest first, without a gap. */
  #young: Batch[] = []
  #remembered: Batch[] = []

  constructor(limits: TailLimits) {
    this.#limits = limits
  }

  /** The first entry held; 0 when none is. */
  get first(): number {
    return this.#isEmpty ? 0 : this.#logs.first
  }

  get last(): number {
    return this.#isEmpty ? 0 : this.#logs.end - 1
  }

  /**
   * The entries from `range.from` on, as `LogStore.getLogs` has them; undefined if that one is not held. Whoever asks
   * for the same of the newest entries is given the same array.
   */
  read({ from, through, maxBytes }: LogRange): readonly Log[] | undefined {
    if (from < this.#logs.first || from >= this.#logs.end) return undefined
    const range = { from, through: Math.min(through, this.#logs.end - 1), maxBytes }
    for (let at = this.#remembered.length - 1; at >= 0; at--) {
      const { first, last, bytes, logs } = this.#remembered[at]!
      if (first === from && last === range.through && bytes <= maxBytes) return logs
    }
    return this.#youngIn(range) ?? this.#unpack(range)
  }

  /** Adds entries; those at their indexes and after must have been removed. A gap before them drops what is held. */
  append(logs: readonly Log[]): void {
    const first = logs[0]
    if (first === undefined) return
    if (first.index !== this.#logs.end) this.clear(first.index)
    let bytes = 0
    for (const log of logs) {
      this.#logs.push(log)
      bytes += payloadBytes(log)
    }
    this.#bytes += bytes
    this.#young.push({ logs, first: first.index, last: first.index + logs.length - 1, bytes })
  }

  /** Drops the entry at the index and all after it. */
  truncateFrom(index: number): void {
    for (let at = Math.max(index, this.#logs.first); at < this.#logs.end; at++) {
      this.#bytes -= this.#logs.payloadBytes(at)
    }
    this.#logs.dropFrom(index)
    this.#young = []
    this.#remembered = []
  }

  /** Drops everything; the next entry has the index. */
  clear(next = this.#logs.end): void {
    this.#logs = new PackedLogs(next)
    this.#young = []
    this.#remembered = []
    this.#bytes = 0
  }

  /** Drops what is above the limits, as far as the store has it, and the objects that nobody is about to read. */
  trim({ durable, applied }: TailReaders): void {
    const { count, bytes } = this.#limits
    const logs = this.#logs
    let first = logs.first
    const end = Math.min(durable + 1, logs.end)
    while (first < end && (logs.end - first > count || this.#bytes > bytes)) {
      this.#bytes -= logs.payloadBytes(first)
      first += 1
    }
    if (first > logs.first) logs.dropBefore(first)
    const old = Math.min(applied, logs.end - 1 - YOUNG)
    dropThrough(this.#young, old)
    dropThrough(this.#remembered, old)
  }

  get #isEmpty(): boolean {
    return this.#logs.end === this.#logs.first
  }

  /** The objects themselves, if there are some for all of the range, and they fit. */
  #youngIn({ from, through, maxBytes }: LogRange): readonly Log[] | undefined {
    const young = this.#young
    let at = young.length - 1
    while (at >= 0 && young[at]!.first > from) at -= 1
    const opening = young[at]
    if (opening === undefined) return undefined
    if (opening.first === from && opening.last === through && opening.bytes <= maxBytes) return opening.logs
    let bytes = opening.bytes
    let logs = opening.logs.slice(from - opening.first, through - opening.first + 1)
    for (at += 1; at < young.length && young[at]!.first <= through; at++) {
      const next = young[at]!
      bytes += next.bytes
      logs = logs.concat(next.last <= through ? next.logs : next.logs.slice(0, through - next.first + 1))
    }
    return bytes <= maxBytes ? this.#remember(logs, bytes) : undefined
  }

  #unpack(range: LogRange): readonly Log[] {
    const logs: Log[] = []
    this.#logs.read(range, logs)
    return this.#remember(logs, range.maxBytes)
  }

  #remember(logs: readonly Log[], bytes: number): readonly Log[] {
    if (bytes > REMEMBERED_BYTES) return logs
    if (this.#remembered.length === REMEMBERED) this.#remembered.shift()
    this.#remembered.push({ logs, first: logs[0]!.index, last: logs.at(-1)!.index, bytes })
    return logs
  }
}

/** Drops the batches at the front that end at the index or before it. */
function dropThrough(batches: Batch[], index: number): void {
  let gone = 0
  while (gone < batches.length && batches[gone]!.last <= index) gone += 1
  if (gone > 0) batches.splice(0, gone)
}
