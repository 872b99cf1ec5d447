import { advanceCatchUp } from './catch-up.ts'
import type { Core } from './core.ts'
import type { AppendAnswered, CallFailed, CallID, InstallAnswered } from './events.ts'
import { backoff, type Call, type Progress, takeCall } from './progress.ts'
import type { Leader } from './roles.ts'
import { becomeFollower } from './transitions.ts'

/** Takes the call out of the books; undefined if it belongs to an earlier stream, term or incarnation. */
function settle(leader: Leader, id: CallID): Call | undefined {
  for (const progress of leader.progress.values()) {
    const call = takeCall(progress, id)
    if (call !== undefined) return call
  }
  return undefined
}

/** Any answer in this term says that the server still followed when the request was sent: lease and reads rest on that. */
function noteContact(call: Call): void {
  const { progress } = call
  progress.contactAt = Math.max(progress.contactAt, call.sentAt)
  progress.confirmedRound = Math.max(progress.confirmedRound, call.round)
}

export function onAppendAnswered(core: Core, leader: Leader, event: AppendAnswered): void {
  const call = settle(leader, event.call)
  if (call === undefined) return
  if (event.term > core.term) return becomeFollower(core, event.term, 'newer-term')
  const { progress } = call
  noteContact(call)
  if (call.kind === 'heartbeat') {
    if (progress.heartbeatFailures > 0) onResumed(core, progress)
    return
  }
  if (event.success) onMatched(core, progress, call.through)
  else onRefused(core, call, event)
}

/** The server is reached again: what it was left alone for, as one that is not, is over. */
function onResumed(core: Core, progress: Progress): void {
  core.note({ name: 'heartbeat-resumed', peer: progress.peer })
  progress.heartbeatFailures = 0
  progress.failures = 0
  progress.retryAt = 0
}

/** The server holds everything through the index as this leader does. */
function onMatched(core: Core, progress: Progress, through: number): void {
  progress.failures = 0
  progress.retryAt = 0
  if (progress.mode === 'probe') progress.mode = 'pipeline'
  if (through > progress.match) {
    progress.match = through
    advanceCatchUp(core, progress)
  }
  progress.next = Math.max(progress.next, progress.match + 1)
}

function onRefused(core: Core, call: Call, event: AppendAnswered): void {
  const { progress } = call
  progress.appends.length = 0
  progress.mode = 'probe'
  if (event.noRetryBackoff) progress.failures = 0
  else failOnce(core, progress)
  // What lies before is agreed on, and what follows is refused all the same: another history is committed there.
  progress.wantsSnapshot = !event.noRetryBackoff && call.prevIndex <= call.match && call.prevIndex < core.log.base.index
  if (call.prevIndex <= call.match && event.noRetryBackoff) {
    // It had confirmed this entry before it was asked, and no longer has it: its disk was lost. Start over with what is left.
    core.note({ name: 'follower-lost-entries', peer: progress.peer, lastLog: event.lastLog, match: progress.match })
    progress.match = 0
    progress.next = Math.max(1, Math.min(call.prevIndex, event.lastLog + 1))
  } else {
    progress.next = Math.max(progress.match + 1, Math.min(call.prevIndex, event.lastLog + 1))
  }
}

export function onInstallAnswered(core: Core, leader: Leader, event: InstallAnswered): void {
  const call = settle(leader, event.call)
  if (call === undefined) return
  if (event.term > core.term) return becomeFollower(core, event.term, 'newer-term')
  const { progress } = call
  noteContact(call)
  progress.mode = 'probe'
  if (!event.success) return failOnce(core, progress)
  progress.next = Math.max(progress.next, event.index + 1)
  onMatched(core, progress, event.index)
}

export function onCallFailed(core: Core, leader: Leader, event: CallFailed): void {
  const call = settle(leader, event.call)
  if (call === undefined) return
  const { progress } = call
  if (call.kind === 'heartbeat') return onHeartbeatFailed(core, progress, event.error)
  core.note({ name: 'replication-failed', peer: progress.peer, error: event.error })
  progress.appends.length = 0
  // What was sent ahead may not have arrived: go back to what is confirmed, one request at a time.
  if (progress.mode === 'pipeline') progress.next = progress.match + 1
  progress.mode = 'probe'
  progress.sentCommit = 0
  failOnce(core, progress)
}

function onHeartbeatFailed(core: Core, progress: Progress, error: Error): void {
  core.note({ name: 'heartbeat-failed', peer: progress.peer, lastContact: progress.contactAt, error })
  const pause = Math.min(backoff(progress.heartbeatFailures), core.settings.heartbeatTimeout / 2)
  progress.heartbeatFailures += 1
  progress.heartbeatAt = Math.max(progress.heartbeatAt, core.now + pause)
}

function failOnce(core: Core, progress: Progress): void {
  progress.failures += 1
  progress.retryAt = core.now + backoff(progress.failures)
}
