import { type TermRun, termIn } from '../consensus/log-positions.ts'
import type { Awaitable } from '../interfaces/awaitable.ts'
import type { LogRange, LogStore } from '../interfaces/log-store.ts'
import { CorruptError, isRaftError } from '../types/errors.ts'
import type { Log } from '../types/log.ts'
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
   * index and the term that `terms` says; otherwise it fails as `MissingEntryError`. Other errors are the store's.
   */
  read(range: LogRange, terms: readonly TermRun[]): Awaitable<readonly Log[]> {
    const held = this.#tail.read(range)
    if (held !== undefined) return checkedEnds(held, range.from, terms)
    const { from, maxBytes } = range
    const through = this.#tail.first > from ? Math.min(range.through, this.#tail.first - 1) : range.through
    const logs = this.#readStore({ from, through, maxBytes }, terms)
    return isThenable(logs) ? logs.then((found) => checked(found, from, terms)) : checked(logs, from, terms)
  }

  #readStore(range: LogRange, terms: readonly TermRun[]): Awaitable<readonly Log[]> {
    const missing = (error: unknown): never => {
      if (!isRaftError(error, 'ERR_RAFT_LOG_NOT_FOUND')) throw error
      throw new MissingEntryError(range.from, { term: termIn(terms, range.from), cause: error })
    }
    try {
      const logs = this.#store.getLogs(range)
      return isThenable(logs) ? logs.then(undefined, missing) : logs
    } catch (error) {
      return missing(error)
    }
  }
}

/** As `checked`, for what was in memory since it was checked: it cannot have holes, but another might have been asked for. */
function checkedEnds(logs: readonly Log[], from: number, terms: readonly TermRun[]): readonly Log[] {
  for (const at of [0, logs.length - 1]) {
    const found = logs[at]
    const term = termIn(terms, from + at)
    if (found?.index !== from + at || found.term !== term) throw new MissingEntryError(from + at, { found, term })
  }
  return logs
}

function checked(logs: readonly Log[], from: number, terms: readonly TermRun[]): readonly Log[] {
  if (logs.length === 0) throw new MissingEntryError(from, { term: termIn(terms, from) })
  let run = -1
  let index = from
  let term: number | undefined
  for (const log of logs) {
    while (run + 1 < terms.length && terms[run + 1]!.first <= index) term = terms[++run]!.term
    if (log.index !== index || log.term !== term) throw new MissingEntryError(index, { found: log, term })
    index += 1
  }
  return logs
}
