import type { Server } from '../types/configuration.ts'
import { beginCatchUp } from './catch-up.ts'
import type { Core } from './core.ts'
import { memberOf } from './membership.ts'
import { type Call, newProgress, type Progress } from './progress.ts'
import type { Leader } from './roles.ts'

/** Appends under way to one server at most: enough to keep a slow network busy. */
const MAX_APPENDS_UNDER_WAY = 64

/** Heartbeats under way to one server at most; more than one only when the older ones are late. */
const MAX_HEARTBEATS_UNDER_WAY = 8

/** Begins and ends replication to servers as the newest configuration says, at its moment (thesis 4.1). */
export function followMembership(core: Core, leader: Leader): void {
  const { configuration, index } = core.configurations.latest
  for (const server of configuration.servers) {
    if (server.id === core.self) continue
    const known = leader.progress.get(server.id)
    const progress =
      known?.departing === undefined ? (known ?? begin(core, leader, server)) : begin(core, leader, server)
    progress.peer = server
    if (server.suffrage !== 'Staging') progress.catchUp = undefined
    else if (progress.catchUp === undefined) beginCatchUp(core, progress)
  }
  for (const progress of leader.progress.values()) {
    if (progress.departing !== undefined || memberOf(configuration, progress.peer.id) !== undefined) continue
    progress.departing = { index, until: core.now + 2 * core.settings.electionTimeout }
    progress.catchUp = undefined
    core.note({ name: 'peer-removed', server: progress.peer })
  }
}

/** A server that was removed and comes back begins anew: answers to its former self do not count (H11). */
function begin(core: Core, leader: Leader, server: Server): Progress {
  const progress = newProgress(server, core.log.lastIndex, core.now)
  leader.progress.set(server.id, progress)
  core.note({ name: 'peer-added', server })
  return progress
}

/** Whether anything but a heartbeat may be sent to the server now. */
export function maySend(core: Core, progress: Progress): boolean {
  if (progress.mode === 'snapshot' || progress.retryAt > core.now) return false
  return progress.appends.length < (progress.mode === 'probe' ? 1 : MAX_APPENDS_UNDER_WAY)
}

/** The least of the index and what the servers have confirmed to which entries flow: not those that are down, or far behind. */
export function slowest({ progress }: Leader, index: number): number {
  let least = index
  for (const { mode, match } of progress.values()) if (mode === 'pipeline' && match < least) least = match
  return least
}

/**
 * Sends a server the next of what it can be sent now: entries, or a commit index that is due; a snapshot if it lacks
 * what is no longer in the log. True if it can be sent more entries.
 */
export function replicate(core: Core, leader: Leader, progress: Progress): boolean {
  if (hasEntriesFor(core, progress)) {
    sendAppend(core, leader, progress, lastOfNext(core, progress))
    return hasEntriesFor(core, progress)
  }
  const { commitTimeout } = core.settings
  const news = progress.sentCommit < core.commitIndex
  if (news && progress.commitAt > core.now + 2 * commitTimeout) progress.commitAt = core.now + core.draw(commitTimeout)
  if (progress.commitAt <= core.now && maySend(core, progress)) sendAppend(core, leader, progress, progress.next - 1)
  return false
}

function hasEntriesFor(core: Core, progress: Progress): boolean {
  return maySend(core, progress) && progress.next <= core.log.lastIndex
}

/** The last entry of the next request. */
function lastOfNext(core: Core, progress: Progress): number {
  return Math.min(progress.next + core.settings.maxAppendEntries - 1, core.log.lastIndex)
}

/** Tells a server the newest commit index now, with whatever it lacks. */
export function tellCommit(core: Core, leader: Leader, progress: Progress): void {
  if (progress.mode !== 'pipeline' || progress.sentCommit >= core.commitIndex) return
  sendAppend(core, leader, progress, lastOfNext(core, progress))
}

/** Sends the entries from `next` through the index, none if it is before; a snapshot if they are no longer in the log. */
function sendAppend(core: Core, leader: Leader, progress: Progress, through: number): void {
  const prevIndex = progress.next - 1
  const prevTerm = core.log.termAt(prevIndex)
  const missing = prevTerm === undefined || (through > prevIndex && progress.next < core.log.firstIndex)
  if (missing || progress.wantsSnapshot) {
    return sendSnapshot(core, leader, progress)
  }
  const pipelined = progress.mode === 'pipeline'
  const call = track(core, leader, progress, { kind: 'append', prevIndex, through })
  progress.appends.push(call)
  if (pipelined) progress.next = through + 1
  progress.sentCommit = core.commitIndex
  // Told again even without news: a server that was started anew has forgotten it, and a lost disk shows.
  progress.commitAt = core.now + core.draw(core.settings.heartbeatTimeout)
  core.emit({
    type: 'replicate',
    call: call.id,
    to: progress.peer,
    term: core.term,
    prevIndex,
    prevTerm,
    through,
    terms: through > prevIndex ? core.log.runsBetween(prevIndex + 1, through) : [],
    leaderCommit: core.commitIndex,
    pipelined,
  })
}

function sendSnapshot(core: Core, leader: Leader, progress: Progress): void {
  core.note({ name: 'snapshot-needed', peer: progress.peer, next: progress.next })
  progress.appends.length = 0
  progress.mode = 'snapshot'
  progress.wantsSnapshot = false
  progress.snapshot = track(core, leader, progress, { kind: 'snapshot', prevIndex: 0, through: 0 })
  core.emit({ type: 'send-snapshot', call: progress.snapshot.id, to: progress.peer, term: core.term })
}

function track(
  core: Core,
  leader: Leader,
  progress: Progress,
  about: Pick<Call, 'kind' | 'prevIndex' | 'through'>,
): Call {
  const { kind, prevIndex, through } = about
  const { match } = progress
  const { round } = leader
  progress.sentRound = round
  return { id: core.nextCall(), kind, progress, sentAt: core.now, round, prevIndex, through, match }
}

/** Sends a heartbeat if its time has come, or if somebody waits for confirmation that this server still leads. */
export function heartbeat(core: Core, leader: Leader, progress: Progress): void {
  const asked = leader.reads.length > 0 && progress.sentRound < leader.round && progress.heartbeatFailures === 0
  const due = progress.heartbeatAt <= core.now
  if (!due && !asked) return
  const { length: underWay } = progress.heartbeats
  // Twice within a lease, so that one answer that never comes does not cost the office.
  const lateAt = progress.lastHeartbeatSentAt + core.settings.leaderLeaseTimeout / 2
  const mayBeSent = underWay === 0 || (lateAt <= core.now && underWay < MAX_HEARTBEATS_UNDER_WAY)
  if (due) progress.heartbeatAt = core.now + core.draw(core.settings.heartbeatTimeout / 10)
  if (!mayBeSent) {
    if (due && lateAt > core.now) progress.heartbeatAt = Math.min(progress.heartbeatAt, lateAt)
    return
  }
  const call = track(core, leader, progress, { kind: 'heartbeat', prevIndex: 0, through: 0 })
  progress.heartbeats.push(call)
  progress.lastHeartbeatSentAt = core.now
  core.emit({ type: 'heartbeat', call: call.id, to: progress.peer, term: core.term })
}

/** Leaves a server that was removed, once it was told so or does not listen. True if it is left. */
export function leaveDeparted(core: Core, leader: Leader, progress: Progress): boolean {
  const { departing } = progress
  if (departing === undefined) return false
  const told =
    progress.match >= departing.index && progress.sentCommit >= departing.index && progress.appends.length === 0
  if (!told && core.now < departing.until) return false
  leader.progress.delete(progress.peer.id)
  return true
}
