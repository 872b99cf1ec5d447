import type { Awaitable } from '../interfaces/awaitable.ts'
import type { LogRange, LogStore } from '../interfaces/log-store.ts'
import { CorruptError, isRaftError } from '../types/errors.ts'
import type { Log } from '../types/log.ts'
import { payloadBytes } from './log-bytes.ts'
import type { LogTail } from './log-tail.ts'
import { isThenable } from './settle.ts'

/** The log does not hold the entry that was asked for, or another one in its place. */
export class MissingEntryError extends CorruptError {
  constructor(
    index: number,
    options: { readonly found?: Log | undefined; readonly term: number | undefined; readonly cause?: unknown },
  ) {
    const { found, term, cause } = options
    const what =
      found === undefined
        ? `entry ${index} of the log is missing`
        : `the log has index ${found.index} and term ${found.term} where index ${index} and term ${term} belong`
    super(`${what}. If no other program wrote to it, the store is damaged: empty this server and add it again`, {
      cause,
    })
  }
}

/** Reads the log: the newest entries from memory, the rest from the store. */
export class LogReader {
  readonly #tail: LogTail
  readonly #store: LogStore

  constructor(tail: LogTail, store: LogStore) {
    this.#tail = tail
    this.#store = store
  }

  /**
   * The entries from `from` on: at least one, at most through `through`, about `maxBytes`. Each is checked to have its
   * index and the term that `termAt` says; otherwise it fails as `MissingEntryError`. Other errors are the store's.
   */
  read(range: LogRange, termAt: (index: number) => number | undefined): Awaitable<readonly Log[]> {
    const first = this.#tail.get(range.from)
    if (first !== undefined) return checked(this.#fromMemory(range, first), range.from, termAt)
    const { from, maxBytes } = range
    const through = this.#tail.first > from ? Math.min(range.through, this.#tail.first - 1) : range.through
    const logs = this.#readStore({ from, through, maxBytes }, termAt)
    return isThenable(logs) ? logs.then((found) => checked(found, from, termAt)) : checked(logs, from, termAt)
  }

  #fromMemory(range: LogRange, first: Log): readonly Log[] {
    const logs = [first]
    let bytes = payloadBytes(first)
    for (let index = range.from + 1; index <= range.through; index++) {
      const log = this.#tail.get(index)
      if (log === undefined) break
      bytes += payloadBytes(log)
      if (bytes > range.maxBytes) break
      logs.push(log)
    }
    return logs
  }

  #readStore(range: LogRange, termAt: (index: number) => number | undefined): Awaitable<readonly Log[]> {
    const missing = (error: unknown): never => {
      if (!isRaftError(error, 'ERR_RAFT_LOG_NOT_FOUND')) throw error
      throw new MissingEntryError(range.from, { term: termAt(range.from), cause: error })
    }
    try {
      const logs = this.#store.getLogs(range)
      return isThenable(logs) ? logs.then(undefined, missing) : logs
    } catch (error) {
      return missing(error)
    }
  }
}

function checked(logs: readonly Log[], from: number, termAt: (index: number) => number | undefined): readonly Log[] {
  if (logs.length === 0) throw new MissingEntryError(from, { term: termAt(from) })
  for (let offset = 0; offset < logs.length; offset++) {
    const log = logs[offset]!
    const index = from + offset
    const term = termAt(index)
    if (log.index !== index || log.term !== term) throw new MissingEntryError(index, { found: log, term })
  }
  return logs
}
