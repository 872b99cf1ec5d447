import type { Log } from '../types/log.ts'
import { IndexRing } from './index-ring.ts'
import { payloadBytes } from './log-bytes.ts'

/** How much is kept beyond what must be. */
export interface TailLimits {
  readonly count: number
  readonly bytes: number
}

/** Arrays that are remembered, and what one of them may hold. */
const RECENT = 8
const RECENT_BYTES = 4_194_304

interface Batch {
  readonly logs: readonly Log[]
  /** At most. */
  readonly bytes: number
}

/**
 * The newest entries, in memory, so that replication and the FSM seldom read the store. What is not durable is never
 * dropped: it cannot be read anywhere else.
 */
export class LogTail {
  /** The newest arrays that were added: most readers want just what was written together. */
  readonly #recent: Batch[] = []
  readonly #limits: TailLimits
  readonly #logs = new IndexRing<Log>()
  #bytes = 0

  constructor(limits: TailLimits) {
    this.#limits = limits
  }

  /** The first entry held; 0 when none is. */
  get first(): number {
    return this.#logs.isEmpty ? 0 : this.#logs.first
  }

  get last(): number {
    return this.#logs.isEmpty ? 0 : this.#logs.last
  }

  get(index: number): Log | undefined {
    return this.#logs.get(index)
  }

  /** Just these entries, if they were added together and are no more bytes: the same array for all who ask. */
  batch(from: number, through: number, maxBytes: number): readonly Log[] | undefined {
    for (let at = this.#recent.length - 1; at >= 0; at--) {
      const { logs, bytes } = this.#recent[at]!
      const first = logs[0]!.index
      if (from < first || through >= first + logs.length || bytes > maxBytes) continue
      const length = through - from + 1
      if (length === logs.length) return logs
      const part = logs.slice(from - first, from - first + length)
      this.#remember(part, bytes)
      return part
    }
    return undefined
  }

  /** Adds entries; those at their indexes and after must have been removed. A gap before them drops what is held. */
  append(logs: readonly Log[]): void {
    const first = logs[0]
    if (first === undefined) return
    if (!this.#logs.isEmpty && first.index !== this.#logs.last + 1) this.clear()
    let bytes = 0
    for (const log of logs) {
      this.#logs.push(log.index, log)
      bytes += payloadBytes(log)
    }
    this.#bytes += bytes
    this.#remember(logs, bytes)
  }

  /** Drops the entry at the index and all after it. */
  truncateFrom(index: number): void {
    if (this.#logs.isEmpty) return
    for (let at = Math.max(index, this.#logs.first); at <= this.#logs.last; at++) this.#bytes -= this.#bytesAt(at)
    this.#logs.dropFrom(index)
    this.#recent.length = 0
  }

  clear(): void {
    this.#recent.length = 0
    this.#logs.dropBefore(this.#logs.last + 1)
    this.#bytes = 0
  }

  /** Drops what is above the limits, as far as the store has it. */
  trim(durableIndex: number): void {
    const { count, bytes } = this.#limits
    const last = this.#logs.last
    let first = this.#logs.first
    const through = Math.min(durableIndex, last)
    while (first <= through && (last - first >= count || this.#bytes > bytes)) {
      this.#bytes -= this.#bytesAt(first)
      first += 1
    }
    this.#logs.dropBefore(first)
  }

  #remember(logs: readonly Log[], bytes: number): void {
    if (bytes > RECENT_BYTES) return
    if (this.#recent.length === RECENT) this.#recent.shift()
    this.#recent.push({ logs, bytes })
  }

  #bytesAt(index: number): number {
    const log = this.#logs.get(index)
    return log === undefined ? 0 : payloadBytes(log)
  }
}
