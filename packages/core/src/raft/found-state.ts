import { checkNoGap, type InitialState, logContinues, type StoredLog } from '../consensus/initial-state.ts'
import { LogPositions, type TermRun } from '../consensus/log-positions.ts'
import type { LogRange, LogStore } from '../interfaces/log-store.ts'
import type { SnapshotMeta } from '../interfaces/snapshot-store.ts'
import type { IndexedConfiguration } from '../types/configuration.ts'
import type { Log, Position } from '../types/log.ts'
import { CorruptError, isRaftError, StartError, StoreError } from '../types/errors.ts'
import { decodePeers, type PeerCodec } from '../wire/codec/legacy-peers.ts'
import { configurationsIn } from './entries.ts'
import type { Stores } from './options.ts'
import { asError, messageOf } from './settle.ts'
import { removeSnapshot } from './snapshot-storing.ts'
import { decodeVote, encodeVote, VOTE_KEY } from './vote-record.ts'

const SCAN_BYTES = 1_048_576

/** What the stores hold. */
export interface FoundState {
  readonly initial: InitialState
  /** What the log store holds, 0 and 0 when it is empty. */
  readonly first: number
  readonly last: number
}

/** How the stores are read. */
export interface FindOptions extends Stores {
  readonly codec: PeerCodec
  /** Makes the FSM's state that of the snapshot; a rejection means that the snapshot cannot be used. */
  readonly restore: (meta: SnapshotMeta) => Promise<void>
  /** Removes a log that the snapshot has replaced, or leaves it: nothing is changed then. */
  readonly repair: boolean
}

/** Reads what the stores hold and restores the newest snapshot. Throws a `RaftError` that names what is wrong. */
export async function findState(options: FindOptions): Promise<FoundState> {
  const { logs, stable, codec } = options
  const stored = decodeVote(await named('load term and vote', () => stable.get(VOTE_KEY)))
  const vote = stored.provisional === undefined ? stored : { term: stored.term, candidate: stored.candidate }
  const metas = await snapshotsOf(options, stored.provisional)
  const { first, last } = await rangeOf(options, stored.provisional)
  if (stored.provisional !== undefined && options.repair) {
    // Last, so that a crash before it finds the mark again.
    await named('store term and vote', () => stable.set(VOTE_KEY, encodeVote(vote)))
  }
  const scanned = await scanLog(logs, { first, last, snapshotIndex: metas[0]?.index ?? 0 }, codec)
  const log: StoredLog = { first: last === 0 ? 1 : scanned.first, last, runs: scanned.runs }
  checkNoGap(metas[0]?.index ?? 0, log)
  const meta = await restoreNewest(metas, log, options)
  if (meta === undefined) {
    return { initial: { vote, log, configurations: scanned.configurations, applied: 0 }, first, last }
  }
  const snapshot = snapshotPosition(meta, codec)
  if (logContinues(snapshot, new LogPositions({ index: 0, term: 0 }, log))) {
    if (scanned.first > first && options.repair) {
      await named('remove the log before the snapshot', () => logs.deleteRange(first, scanned.first - 1))
    }
    const initial = { vote, snapshot, log, configurations: scanned.configurations, applied: meta.index }
    return { initial, first: scanned.first, last }
  }
  // Stopped between a snapshot that arrived and the removal of the log that it replaced.
  if (options.repair) await named('remove the log before the snapshot', () => logs.deleteRange(first, last))
  const emptied = { first: meta.index + 1, last: meta.index, runs: [] }
  return { initial: { vote, snapshot, log: emptied, configurations: [], applied: meta.index }, first: 0, last: 0 }
}

/** The snapshots, newest first. One of a restore that was never committed does not count, and is removed. */
async function snapshotsOf(
  { snapshots, repair }: FindOptions,
  provisional: Position | undefined,
): Promise<readonly SnapshotMeta[]> {
  const metas = await named('list snapshots', () => snapshots.list())
  if (provisional === undefined) return metas
  if (repair) await named('remove a snapshot', () => removeSnapshot(snapshots, provisional))
  return metas.filter(({ index, term }) => index !== provisional.index || term !== provisional.term)
}

/** What the log holds; 0 and 0 when it is empty. What follows a restore that was never committed is removed. */
async function rangeOf(
  { logs, repair }: FindOptions,
  provisional: Position | undefined,
): Promise<{ readonly first: number; readonly last: number }> {
  let last = await named('find last log', () => logs.lastIndex())
  if (provisional !== undefined && last >= provisional.index) {
    const { index } = provisional
    if (repair) {
      await named('remove the log after a restore', () => logs.deleteRange(index, last))
      last = await named('find last log', () => logs.lastIndex())
    } else last = await lastBefore(logs, index)
  }
  return { first: last === 0 ? 0 : await named('get first log index', () => logs.firstIndex()), last }
}

/** The last entry before the index, where the log has a gap; 0 if there is none. */
async function lastBefore(logs: LogStore, index: number): Promise<number> {
  const first = await named('get first log index', () => logs.firstIndex())
  if (first === 0 || first >= index) return 0
  for (let next = first; ;) {
    const range = { from: next, through: index - 1, maxBytes: SCAN_BYTES }
    const found = await entriesOrNone(logs, range)
    if (found.length === 0) return next - 1
    next += found.length
    if (next >= index) return next - 1
  }
}

/** What a snapshot stands for; one of version 0 names its voters in the legacy form. */
export function snapshotPosition(meta: SnapshotMeta, codec: PeerCodec): NonNullable<InitialState['snapshot']> {
  const { index, term, version, peers } = meta
  if (version >= 1 || peers === undefined) {
    return { index, term, configuration: meta.configuration, configurationIndex: meta.configurationIndex }
  }
  return { index, term, configuration: decodePeers(peers, codec), configurationIndex: index }
}

/** What is known of a log after it was read. */
interface ScannedLog {
  /** Where it begins; later than in the store if what is before a gap is covered by the snapshot. */
  readonly first: number
  readonly runs: readonly TermRun[]
  readonly configurations: readonly IndexedConfiguration[]
}

/**
 * Reads the terms and the configurations of the whole log, in pieces. It may have one gap, which a user restore leaves
 * until the log before it is compacted: the snapshot covers that, and only what comes after it counts.
 */
async function scanLog(
  logs: LogStore,
  at: { readonly first: number; readonly last: number; readonly snapshotIndex: number },
  codec: PeerCodec,
): Promise<ScannedLog> {
  let { first } = at
  let runs: TermRun[] = []
  let configurations: IndexedConfiguration[] = []
  for (let next = first; next > 0 && next <= at.last;) {
    const found = await entriesOrNone(logs, { from: next, through: at.last, maxBytes: SCAN_BYTES })
    if (found.length === 0) {
      if (next > at.snapshotIndex) throw corrupt(next, 'it is missing')
      first = next = at.snapshotIndex + 1
      runs = []
      configurations = []
      continue
    }
    for (const log of found) {
      checkEntry(log, next, runs.at(-1)?.term ?? 0)
      if (log.term !== runs.at(-1)?.term) runs.push({ first: next, term: log.term })
      next += 1
    }
    try {
      configurations.push(...configurationsIn(found, codec))
    } catch (error) {
      throw corrupt(next - found.length, messageOf(error), error)
    }
  }
  return { first, runs, configurations }
}

function checkEntry(log: Log, index: number, termBefore: number): void {
  if (log.index !== index) throw corrupt(index, `the entry in its place says that it is ${log.index}`)
  if (log.term < termBefore) throw corrupt(index, `its term ${log.term} is below ${termBefore}, the term before it`)
}

/** The entries from an index on, none if the first is missing. */
async function entriesOrNone(logs: LogStore, range: LogRange): Promise<readonly Log[]> {
  try {
    return await logs.getLogs(range)
  } catch (error) {
    if (isRaftError(error, 'ERR_RAFT_LOG_NOT_FOUND')) return []
    return named(`get log at index ${range.from}`, () => Promise.reject(asError(error)))
  }
}

function corrupt(index: number, reason: string, cause?: unknown): CorruptError {
  return new CorruptError(
    `entry ${index} of the log is damaged: ${reason}. Bring back the store, or empty this server and add it again`,
    { cause },
  )
}

/**
 * Restores the newest snapshot that can be. An older one will do only if the log holds everything between the two;
 * otherwise committed entries would be forgotten (Q20).
 */
async function restoreNewest(
  metas: readonly SnapshotMeta[],
  log: StoredLog,
  { restore }: FindOptions,
): Promise<SnapshotMeta | undefined> {
  const newest = metas[0]
  if (newest === undefined) return undefined
  const failures: string[] = []
  let cause: unknown
  for (const meta of metas) {
    if (meta !== newest && !(log.first <= meta.index + 1 && log.last >= newest.index)) break
    try {
      await restore(meta)
      return meta
    } catch (error) {
      cause ??= error
      failures.push(`${meta.id}: ${messageOf(error)}`)
    }
  }
  throw new StartError(
    `failed to load any existing snapshots (${failures.join('; ')}). Older ones, if any, do not reach up to the log. ` +
      'Mend the FSM or bring back the snapshot, or empty this server and let the leader send it everything',
    { cause },
  )
}

/** Does one thing with a store; its failure says what. Errors of the library are left as they are: they say it themselves. */
export async function named<T>(what: string, act: () => T | PromiseLike<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (isRaftError(error)) throw error
    throw new StoreError(`failed to ${what}: ${messageOf(error)}`, { cause: error })
  }
}
