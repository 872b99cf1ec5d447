import { deepEqual, equal, fail } from 'node:assert/strict'
import { isRaftError, type Log, type LogStore, LogType } from '@raft/core'

/** An entry with a payload that tells it from others. */
export function entry(index: number, term = 1, bytes = 8): Log {
  const data = new Uint8Array(bytes)
  for (let at = 0; at < bytes; at++) data[at] = (index * 31 + term * 17 + at) & 0xff
  return { index, term, type: LogType.Command, data }
}

/** The entries from `from` through `through`. */
export function entries(from: number, through: number, term = 1): Log[] {
  return Array.from({ length: through - from + 1 }, (_, at) => entry(from + at, term))
}

/** All fields of an entry in a form that compares: a field that is missing and one that is `undefined` are the same. */
export function fields(log: Log): object {
  const { appendedAt } = log
  return {
    index: log.index,
    term: log.term,
    type: log.type,
    data: log.data && Buffer.from(log.data).toString('hex'),
    extensions: log.extensions && Buffer.from(log.extensions).toString('hex'),
    appendedAt: appendedAt && {
      seconds: appendedAt.seconds,
      nanoseconds: appendedAt.nanoseconds,
      offset: appendedAt.offset,
    },
  }
}

/** Fails unless the two lists hold equal entries. */
export function sameEntries(actual: readonly Log[], expected: readonly Log[], message?: string): void {
  deepEqual(
    actual.map((log) => log.index),
    expected.map((log) => log.index),
    message,
  )
  for (const [at, log] of actual.entries()) deepEqual(fields(log), fields(expected[at]!), message)
}

/** Fails unless the store holds just these entries: bounds, each entry, and the ones beside them missing. */
export async function holds(store: LogStore, expected: readonly Log[], message?: string): Promise<void> {
  equal(await store.firstIndex(), expected[0]?.index ?? 0, message ?? 'firstIndex')
  equal(await store.lastIndex(), expected.at(-1)?.index ?? 0, message ?? 'lastIndex')
  let next = 1
  for (const log of expected) {
    // Before, and within, each gap.
    if (log.index > next) await isMissing(store, next)
    if (log.index > next + 1) await isMissing(store, log.index - 1)
    deepEqual(fields(await store.getLog(log.index)), fields(log), message ?? `entry ${log.index}`)
    next = log.index + 1
  }
  if (next <= Number.MAX_SAFE_INTEGER) await isMissing(store, next)
}

/** Fails unless the store says, in both ways of asking, that there is no entry at the index. */
export async function isMissing(store: LogStore, index: number): Promise<void> {
  await rejectsAsMissing(() => store.getLog(index), `getLog(${index})`)
  await rejectsAsMissing(() => store.getLogs({ from: index, through: index, maxBytes: 1_000 }), `getLogs from ${index}`)
}

async function rejectsAsMissing(read: () => unknown, what: string): Promise<void> {
  let found: unknown
  try {
    found = await read()
  } catch (error) {
    if (isRaftError(error, 'ERR_RAFT_LOG_NOT_FOUND')) return
    throw error
  }
  fail(`${what} rejects with LogNotFoundError, but gave ${JSON.stringify(found)}`)
}
