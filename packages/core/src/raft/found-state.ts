import { checkNoGap, type InitialState, logContinues, type StoredLog } from '../consensus/initial-state.ts'
import { LogPositions, type TermRun } from '../consensus/log-positions.ts'
import type { LogStore } from '../interfaces/log-store.ts'
import type { SnapshotMeta } from '../interfaces/snapshot-store.ts'
import type { IndexedConfiguration } from '../types/configuration.ts'
import { CorruptError, isRaftError, RaftError, StartError, StoreError } from '../types/errors.ts'
import { decodePeers, type PeerCodec } from '../wire/codec/legacy-peers.ts'
import { configurationsIn } from './entries.ts'
import type { Stores } from './options.ts'
import { messageOf } from './settle.ts'
import { decodeVote, VOTE_KEY } from './vote-record.ts'

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
  const { logs, stable, snapshots, codec } = options
  const vote = decodeVote(await named('load term and vote', () => stable.get(VOTE_KEY)))
  const last = await named('find last log', () => logs.lastIndex())
  const first = last === 0 ? 0 : await named('get first log index', () => logs.firstIndex())
  const metas = await named('list snapshots', () => snapshots.list())
  const scanned = await scanLog(logs, { first, last }, codec)
  const log: StoredLog = { first: last === 0 ? 1 : first, last, runs: scanned.runs }
  checkNoGap(metas[0]?.index ?? 0, log)
  const meta = await restoreNewest(metas, log, options)
  if (meta === undefined) {
    return { initial: { vote, log, configurations: scanned.configurations, applied: 0 }, first, last }
  }
  const snapshot = snapshotPosition(meta, codec)
  if (logContinues(snapshot, new LogPositions({ index: 0, term: 0 }, log))) {
    const initial = { vote, snapshot, log, configurations: scanned.configurations, applied: meta.index }
    return { initial, first, last }
  }
  // Stopped between a snapshot that arrived and the removal of the log that it replaced.
  if (options.repair) await named('remove the log before the snapshot', () => logs.deleteRange(first, last))
  const emptied = { first: meta.index + 1, last: meta.index, runs: [] }
  return { initial: { vote, snapshot, log: emptied, configurations: [], applied: meta.index }, first: 0, last: 0 }
}

/** What a snapshot stands for; one of version 0 names its voters in the legacy form. */
export function snapshotPosition(meta: SnapshotMeta, codec: PeerCodec): NonNullable<InitialState['snapshot']> {
  const { index, term, version, peers } = meta
  if (version >= 1 || peers === undefined) {
    return { index, term, configuration: meta.configuration, configurationIndex: meta.configurationIndex }
  }
  return { index, term, configuration: decodePeers(peers, codec), configurationIndex: index }
}

/** Reads the terms and the configurations of the whole log, in pieces. */
async function scanLog(
  logs: LogStore,
  { first, last }: { readonly first: number; readonly last: number },
  codec: PeerCodec,
): Promise<{ readonly runs: readonly TermRun[]; readonly configurations: readonly IndexedConfiguration[] }> {
  const runs: TermRun[] = []
  const configurations: IndexedConfiguration[] = []
  for (let next = first; next > 0 && next <= last;) {
    const range = { from: next, through: last, maxBytes: SCAN_BYTES }
    const found = await named(`get log at index ${next}`, () => logs.getLogs(range))
    for (const log of found) {
      if (log.index !== next) throw corrupt(next, `the entry in its place says that it is ${log.index}`)
      const before = runs.at(-1)?.term ?? 0
      if (log.term < before) throw corrupt(next, `its term ${log.term} is below ${before}, the term before it`)
      if (log.term !== before) runs.push({ first: next, term: log.term })
      next += 1
    }
    if (found.length === 0) throw corrupt(next, 'it is missing')
    try {
      configurations.push(...configurationsIn(found, codec))
    } catch (error) {
      throw corrupt(next - found.length, messageOf(error), error)
    }
  }
  return { runs, configurations }
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

/** Does one thing with a store; its failure says what. Errors of the library keep their code. */
export async function named<T>(what: string, act: () => T | PromiseLike<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    const message = `failed to ${what}: ${messageOf(error)}`
    if (isRaftError(error)) throw new RaftError(error.code, message, { cause: error })
    throw new StoreError(message, { cause: error })
  }
}
