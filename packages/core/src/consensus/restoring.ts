import {
  AbortedByRestoreError,
  LeadershipTransferInProgressError,
  NotLeaderError,
  type RaftError,
  SnapshotError,
} from '../types/errors.ts'
import { LogType } from '../types/log.ts'
import { ConfigurationHistory } from './configuration-history.ts'
import type { Core, StateBefore } from './core.ts'
import type { RestoreAsked, RestoreStored, SnapshotPosition } from './events.ts'
import { LogPositions } from './log-positions.ts'
import type { Leader } from './roles.ts'

/**
 * A caller gives the cluster another state (spec §6.23). It gets an index beyond everything there is, so that followers
 * find a hole before it and are sent the snapshot; a no-op behind it proves that a majority has it.
 *
 * Until that no-op is committed the restore is provisional where the stores allow it: a mark says so on disk before the
 * snapshot is visible, and a leader that loses its office, or restarts, goes back to the snapshot and the log before
 * (design, chapter 4).
 */
export function onRestoreAsked(core: Core, event: RestoreAsked): void {
  const error = restoreRefusal(core)
  if (error !== undefined || core.role.kind !== 'leader') return core.answer(event.request, 0, error)
  const latest = core.configurations.latest
  const snapshot: SnapshotPosition = {
    index: Math.max(core.log.lastIndex, event.index) + 1,
    term: core.term,
    configuration: latest.configuration,
    configurationIndex: latest.index,
  }
  core.role.restore = { request: event.request, snapshot }
  // Even where the log before it will not stay: it may come to be stored when this server leads no more.
  if (core.settings.removesSnapshots) core.setProvisional({ index: snapshot.index, term: snapshot.term })
  core.emitDurable({ type: 'ingest-snapshot', request: event.request, snapshot }, core.voteWrite())
}

function restoreRefusal(core: Core): RaftError | undefined {
  const { role } = core
  if (role.kind !== 'leader') return new NotLeaderError(core.leader)
  if (role.transfer !== undefined) return new LeadershipTransferInProgressError()
  const refuse = (reason: string): RaftError =>
    new SnapshotError(`cannot restore snapshot now, ${reason}`, { outcome: 'rejected' })
  const { index } = core.configurations.latest
  if (index > core.commitIndex) {
    const { index: committed } = core.configurations.at(core.commitIndex)
    return refuse(`wait until the configuration entry at ${index} has been applied (have applied ${committed})`)
  }
  // One of an earlier leader could push the snapshot to go back to out of the store.
  if (core.receiving.size > 0) return refuse('a snapshot from an earlier leader is still being received')
  const underWay = role.restore !== undefined || core.restored !== undefined || core.vote.provisional !== undefined
  return underWay ? refuse('another restore has not ended') : undefined
}

/** The snapshot is durable and visible, or there is none. From here on the new state is the state. */
export function onRestoreStored(core: Core, event: RestoreStored): void {
  const { role } = core
  if (role.kind !== 'leader' || role.restore?.request !== event.request) return discard(core)
  const { snapshot } = role.restore
  role.restore = undefined
  if (event.error !== undefined) {
    core.answer(event.request, 0, event.error)
    return discard(core)
  }
  abortUncommitted(core)
  const before = stateOf(core)
  // What comes into force and cannot be taken back is there after a restart too.
  if (before === undefined && core.vote.provisional !== undefined) core.setProvisional(undefined)
  core.restored = { snapshot, before }
  const configuration = core.configurations.latest
  core.log = new LogPositions(snapshot, { first: snapshot.index + 1, last: snapshot.index, runs: [] })
  core.configurations = new ConfigurationHistory([configuration])
  core.setSnapshot(snapshot)
  if (!core.settings.toleratesGaps) core.persist({ clear: true })
  core.outbox.coverThrough(snapshot.index)
  core.applyThrough = snapshot.index
  core.emit({ type: 'restore-snapshot', source: { from: 'caller', request: event.request }, snapshot })
  // The FSM will have the restored state by the time that they are confirmed, and that may yet be taken back.
  for (const read of role.reads) read.index = snapshot.index + 1
  appendProof(core, role, event)
}

/** The no-op behind the snapshot: what cannot be replicated without it. */
function appendProof(core: Core, leader: Leader, event: RestoreStored): void {
  core.log.append(1, core.term)
  const { index, term } = core.log.last
  core.persist({ entries: { from: 'leader', entries: [{ index, term, type: LogType.Noop }] } })
  core.entryWaiters.push({ index, term, request: event.request })
  for (const progress of leader.progress.values()) {
    // What a server had confirmed was of the history that ends here.
    progress.appends.length = 0
    progress.mode = 'probe'
    progress.match = 0
    progress.next = index
  }
}

function abortUncommitted(core: Core): void {
  core.emit({ type: 'abort-proposals', commitIndex: core.commitIndex })
  const aborted = core.entryWaiters.filter((waiter) => waiter.index > core.commitIndex)
  for (const waiter of aborted) {
    core.answer(waiter.request, 0, new AbortedByRestoreError())
    core.entryWaiters.splice(core.entryWaiters.indexOf(waiter), 1)
  }
}

/**
 * What is in force now, if it can be gone back to: the log before the restore stays, its snapshot can be removed, and there
 * is one before, since an FSM cannot be emptied.
 */
function stateOf(core: Core): StateBefore | undefined {
  const { log, configurations, snapshot, commitIndex, outbox, settings, vote } = core
  if (snapshot === undefined || vote.provisional === undefined || !settings.toleratesGaps) return undefined
  return { log, configurations, snapshot, commitIndex, durableIndex: outbox.durableIndex }
}

/**
 * Orders what a commit of the index must wait for, and says whether it waits for nothing more. A restore, once a majority
 * has it, waits until its mark is gone from this disk: until then a restart would go back, and this server, which was
 * counted, would have it no more.
 */
export function prepareCommit(core: Core, index: number): boolean {
  const { restored } = core
  if (restored === undefined || index < restored.snapshot.index) return true
  if (core.vote.provisional !== undefined) {
    core.setProvisional(undefined)
    restored.kept = core.voteWrite()
  }
  return restored.kept === undefined || core.outbox.isDurable(restored.kept)
}

/** The restored state is committed, with the no-op behind it: the log before it can go. */
export function confirmRestore(core: Core): void {
  if (core.restored === undefined || core.commitIndex <= core.restored.snapshot.index) return
  if (core.settings.toleratesGaps) core.emit({ type: 'compact', through: core.restored.snapshot.index })
  core.restored = undefined
}

/** The leader that restored lost its office before that was committed: back to what was before. */
export function takeBack(core: Core): void {
  const { restored } = core
  core.restored = undefined
  if (restored === undefined) return
  const { before, snapshot, kept } = restored
  // It stays then, as on a follower that was sent it: in force, until a leader contradicts it.
  if (before === undefined || kept !== undefined) {
    if (kept !== undefined) core.emit({ type: 'compact', through: snapshot.index })
    return core.setCommitIndex(Math.max(core.commitIndex, snapshot.index))
  }
  core.log = before.log
  core.configurations = before.configurations
  core.setSnapshot(before.snapshot)
  core.commitIndex = before.commitIndex
  core.note({ name: 'restore-taken-back', index: snapshot.index })
  core.persist({ deleteFrom: snapshot.index }, before.durableIndex)
  core.applyThrough = before.snapshot.index
  core.appliedIndex = Math.min(core.appliedIndex, before.snapshot.index)
  core.emit({ type: 'restore-snapshot', source: { from: 'store' }, snapshot: before.snapshot })
  core.advanceApply()
  discard(core)
}

/** Removes the snapshot of a restore that is not to be; the mark stays until it is gone. */
function discard(core: Core): void {
  if (core.vote.provisional !== undefined) core.emit({ type: 'discard-snapshot', snapshot: core.vote.provisional })
}
