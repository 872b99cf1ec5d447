import type { IndexedConfiguration } from '../types/configuration.ts'
import { StartError } from '../types/errors.ts'
import type { SnapshotPosition } from './events.ts'
import type { TermRun } from './log-positions.ts'
import type { VoteState } from './vote-state.ts'

/** The log as it was found on disk. Empty when `last` is below `first`. */
export interface StoredLog {
  readonly first: number
  readonly last: number
  readonly runs: readonly TermRun[]
}

/** What a node finds on its disk when it starts; all of it durable. */
export interface InitialState {
  readonly vote: VoteState
  /** The newest snapshot, if there is one. */
  readonly snapshot?: SnapshotPosition | undefined
  readonly log: StoredLog
  /** The configurations in the log, ascending. */
  readonly configurations: readonly IndexedConfiguration[]
  /** How far the FSM already is; the snapshot's index, or 0. */
  readonly applied: number
}

/**
 * Whether the log goes on from the snapshot: it holds the snapshot's last entry with the same term, or begins right
 * after it with a term that is not below, since terms never fall. Otherwise the snapshot takes its place (thesis 5, rule
 * of InstallSnapshot; design 2.7). The same rule holds for a snapshot found at start and for one that arrives.
 */
export function logContinues(
  snapshot: { readonly index: number; readonly term: number },
  log: { readonly firstIndex: number; readonly lastIndex: number; termAt(index: number): number | undefined },
): boolean {
  if (log.lastIndex < log.firstIndex) return true
  if (log.firstIndex === snapshot.index + 1) return (log.termAt(log.firstIndex) ?? 0) >= snapshot.term
  return (
    snapshot.index >= log.firstIndex && snapshot.index <= log.lastIndex && log.termAt(snapshot.index) === snapshot.term
  )
}

/** Throws a `StartError` if entries are missing between the snapshot and the log: nothing here can bring them back. */
export function checkNoGap(snapshotIndex: number, log: StoredLog): void {
  if (log.last < log.first || log.first <= snapshotIndex + 1) return
  throw new StartError(
    `the log begins at index ${log.first} but the newest snapshot ends at ${snapshotIndex}: ` +
      `entries ${snapshotIndex + 1} to ${log.first - 1} are missing. Bring back the snapshot that held them, ` +
      'or empty this server and let the leader send it everything',
  )
}
