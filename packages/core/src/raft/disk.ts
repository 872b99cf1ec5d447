import type { Persist } from '../consensus/effects.ts'
import type { Log } from '../types/log.ts'
import type { Context } from './context.ts'
import { DueTimers } from './due-timers.ts'
import type { FoundState } from './found-state.ts'
import { LogReader } from './log-reader.ts'
import { LogTail, type TailReaders } from './log-tail.ts'
import { LogWriter } from './log-writer.ts'
import type { Stores } from './options.ts'

/** Newest entries that are kept in memory. */
const TAIL = { count: 16_384, bytes: 67_108_864 }

/** The log: what is written, and what can be read of it at once. */
export class Disk {
  readonly reader: LogReader
  readonly #tail = new LogTail(TAIL)
  readonly #writer: LogWriter
  readonly #storing: DueTimers

  constructor(context: Context, { logs, stable }: Stores, { first, last }: FoundState) {
    const { clock, meter } = context
    this.#storing = new DueTimers(meter)
    this.reader = new LogReader(this.#tail, logs)
    this.#writer = new LogWriter({
      logs,
      stable,
      first,
      last,
      clock,
      meter,
      later: (task) => context.later(task),
      persisted: (write) => {
        this.#storing.reached(write)
        context.post({ type: 'persisted', write })
      },
      failed: (error) => context.fail(error),
    })
  }

  /** Can be read from now on, and becomes durable as soon as may be. */
  persist({ write, vote, deleteFrom, clear, entries }: Persist, logs: readonly Log[]): void {
    if (entries?.from === 'request') this.#storing.begin('raft.rpc.appendEntries.storeLogs', write)
    if (clear === true) this.#tail.clear()
    if (deleteFrom !== undefined) this.#tail.truncateFrom(deleteFrom)
    this.#tail.append(logs)
    this.#writer.enqueue({ write, vote, deleteFrom, clear, logs })
  }

  compact(through: number): void {
    this.#writer.compact(through)
  }

  /** Forgets what is durable and above the limits of memory. */
  trim(readers: TailReaders): void {
    this.#tail.trim(readers)
  }

  /** Writes no more. Resolves once no write is open. */
  stop(): Promise<void> {
    return this.#writer.stop()
  }
}
