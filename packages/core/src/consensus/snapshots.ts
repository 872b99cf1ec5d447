import type { Core } from './core.ts'
import type { InstallRequested, SnapshotPosition, SnapshotReceived, SnapshotTaken } from './events.ts'
import { followSender } from './following.ts'
import { logContinues } from './initial-state.ts'

/** The node has a snapshot of its own: the log before it is no longer needed, but for what slow followers may want. */
export function onSnapshotTaken(core: Core, event: SnapshotTaken): void {
  // One that arrived meanwhile may be newer: never step back (Q19). Or the history it is of has been replaced.
  const { index, term } = event.snapshot
  if (index <= core.log.base.index || core.log.termAt(index) !== term) return
  core.setSnapshot(event.snapshot)
  core.log.rebase(event.snapshot)
  compact(core, event.snapshot)
}

/** Drops entries that the snapshot has, but keeps the newest `trailingLogs` (spec §6.24). */
function compact(core: Core, snapshot: SnapshotPosition): void {
  const through = Math.min(snapshot.index, core.log.lastIndex - core.settings.trailingLogs)
  if (through < core.log.firstIndex) return
  core.log.compactThrough(through)
  core.configurations.compactThrough(snapshot.index)
  core.emit({ type: 'compact', through })
}

/** The head of an InstallSnapshot (thesis 5.1; spec §6.25). */
export function onInstallRequested(core: Core, event: InstallRequested): void {
  if (event.term < core.term || !followSender(core, event)) return replyInstall(core, event, false)
  if (isStale(core, event.snapshot)) {
    core.note({ name: 'snapshot-stale', index: event.snapshot.index })
    return replyInstall(core, event, true)
  }
  core.receiving.set(event.inbound, event)
  core.emit({ type: 'receive-snapshot', inbound: event.inbound, snapshot: event.snapshot })
}

/**
 * Whether everything in the snapshot is here already: it ends at or below the commit index and nothing contradicts our
 * history. Where something does, our own state is the wrong one (design, chapter 4; Q7, #697).
 */
function isStale(core: Core, snapshot: SnapshotPosition): boolean {
  return snapshot.index <= core.commitIndex && !core.log.contradicts(snapshot)
}

/** The snapshot is on disk, or could not be received. Meanwhile much may have happened, so everything is asked again. */
export function onSnapshotReceived(core: Core, event: SnapshotReceived): void {
  const request = core.receiving.get(event.inbound)
  if (request === undefined) return
  core.receiving.delete(event.inbound)
  if (event.error !== undefined) {
    const message = { kind: 'installSnapshot', term: core.term, success: false } as const
    core.emitDurable({ type: 'reply', inbound: event.inbound, message, error: event.error }, core.voteWrite())
    return
  }
  if (isStale(core, request.snapshot)) {
    core.note({ name: 'snapshot-stale', index: request.snapshot.index })
    return replyInstall(core, request, true)
  }
  // What another leader has committed since then may contradict it: a restore that was lost with its leader's office does.
  if (request.term < core.term || core.role.kind !== 'follower') {
    core.emit({ type: 'drop-snapshot', inbound: event.inbound, snapshot: request.snapshot })
    return replyInstall(core, request, false)
  }
  install(core, request)
}

/** Puts the snapshot in the place of what it covers; the reply waits until the FSM has it. */
function install(core: Core, request: InstallRequested): void {
  const { snapshot } = request
  // A committed past that contradicts the snapshot makes the whole log worthless, whatever it holds behind it.
  const logKept = snapshot.index > core.commitIndex && logContinues(snapshot, core.log)
  const position = { index: snapshot.index, term: snapshot.term }
  if (logKept) core.log.rebase(position)
  else core.log.reset(position)
  core.setSnapshot(snapshot)
  const configuration = { configuration: snapshot.configuration, index: snapshot.configurationIndex }
  core.configurations.install(snapshot.index, configuration, logKept)
  if (!logKept) core.persist({ clear: true })
  core.outbox.coverThrough(snapshot.index)
  core.note({ name: 'snapshot-installed', index: snapshot.index, logKept })
  core.applyThrough = snapshot.index
  core.appliedIndex = Math.min(core.appliedIndex, snapshot.index)
  core.emit({ type: 'restore-snapshot', source: { from: 'leader', inbound: request.inbound }, snapshot })
  core.installWaiters.push({ inbound: request.inbound, index: snapshot.index })
  core.setCommitIndex(snapshot.index)
  if (logKept) compact(core, snapshot)
}

/** The FSM is as far as the index: leaders who waited for that are answered, once the log is durable too. */
export function onRestored(core: Core, index: number): void {
  const done = core.installWaiters.filter((waiter) => waiter.index <= index)
  if (done.length === 0) return
  core.installWaiters = core.installWaiters.filter((waiter) => waiter.index > index)
  const write = Math.max(core.voteWrite(), core.outbox.lastWrite)
  for (const { inbound } of done)
    core.reply(inbound, { kind: 'installSnapshot', term: core.term, success: true }, write)
}

/** Says that everything in the snapshot is here, once it is durable, or that it was not taken. */
function replyInstall(core: Core, request: InstallRequested, success: boolean): void {
  const write = success ? core.logWrite(request.snapshot.index) : core.voteWrite()
  core.reply(request.inbound, { kind: 'installSnapshot', term: core.term, success }, write)
}
