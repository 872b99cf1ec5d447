import type { Server } from '../types/configuration.ts'
import type { CallID } from './events.ts'

/** What a request under way was about. */
export interface Call {
  readonly id: CallID
  readonly kind: 'append' | 'heartbeat' | 'snapshot'
  readonly progress: Progress
  readonly sentAt: number
  /** The round of reads that was open when it was sent. */
  readonly round: number
  readonly prevIndex: number
  readonly through: number
  /** What the server had confirmed when it was sent. */
  readonly match: number
}

/** The catching up of a staging server, in rounds (thesis 4.2.1). */
export interface CatchUp {
  round: number
  /** The end of the log when the round began. */
  target: number
  startedAt: number
  /** The last round was short enough: it can be made a voter. */
  done: boolean
}

/**
 * What a leader knows of one other server. `next > match` always, and `match` only grows: it is the last entry that
 * the server has confirmed to hold as this leader does.
 */
export interface Progress {
  peer: Server
  match: number
  next: number
  /** One request at a time; many at a time; or a snapshot is under way. */
  mode: 'probe' | 'pipeline' | 'snapshot'
  /** Entries alone do not bring it to this leader's log. */
  wantsSnapshot: boolean
  /** The appends under way, oldest first. */
  readonly appends: Call[]
  /** Failures in a row, and until when to leave it alone because of them. */
  failures: number
  retryAt: number
  /** When the newest request that it answered was sent: the lease counts from there. */
  contactAt: number
  /** The newest round of reads that it has confirmed, and that was sent to it. */
  confirmedRound: number
  sentRound: number
  /** The commit index it was last told. */
  sentCommit: number
  /** When to tell it a newer one, if nothing else is sent before. */
  commitAt: number
  heartbeatAt: number
  heartbeatFailures: number
  /** The heartbeats under way, oldest first. */
  readonly heartbeats: Call[]
  lastHeartbeatSentAt: number
  /** The snapshot under way. */
  snapshot: Call | undefined
  catchUp: CatchUp | undefined
  /** Removed by the entry at this index: it is told so, then left, at `until` at the latest (Q26). */
  departing: { readonly index: number; readonly until: number } | undefined
}

/** What a new leader assumes of a server: its log is as long as the leader's (thesis 3.5). */
export function newProgress(peer: Server, next: number, now: number): Progress {
  return {
    peer,
    match: 0,
    next,
    mode: 'probe',
    wantsSnapshot: false,
    appends: [],
    failures: 0,
    retryAt: 0,
    contactAt: now,
    confirmedRound: 0,
    sentRound: 0,
    sentCommit: 0,
    commitAt: Infinity,
    heartbeatAt: now,
    heartbeatFailures: 0,
    heartbeats: [],
    lastHeartbeatSentAt: -Infinity,
    snapshot: undefined,
    catchUp: undefined,
    departing: undefined,
  }
}

/** Takes the call out of those under way; undefined if it is none of them. */
export function takeCall(progress: Progress, id: CallID): Call | undefined {
  const { snapshot } = progress
  if (snapshot?.id === id) {
    progress.snapshot = undefined
    return snapshot
  }
  return takeFrom(progress.appends, id) ?? takeFrom(progress.heartbeats, id)
}

/** A few calls, answered in their order nearly always: a search from the front beats any table. */
function takeFrom(calls: Call[], id: CallID): Call | undefined {
  for (let at = 0; at < calls.length; at++) {
    const call = calls[at]!
    if (call.id !== id) continue
    if (at === 0) calls.shift()
    else calls.splice(at, 1)
    return call
  }
  return undefined
}

/** The pause after `failures` failures in a row: 10, 10, 20, 40 … 10,240 ms (spec, appendix C). */
export function backoff(failures: number): number {
  return 10 * 2 ** Math.max(0, Math.min(failures, 12) - 2)
}
