import type { Core } from './core.ts'
import type { VoteRefusal } from './effects.ts'
import type { PreVoteRequested, VoteRequested } from './events.ts'
import { hasVote, memberOf } from './membership.ts'
import { isNamed, isSender, peerOf } from './sender.ts'
import { becomeFollower } from './transitions.ts'

type Asked = VoteRequested | PreVoteRequested

/**
 * The grounds on which a vote is refused before terms are compared, so that neither a stranger nor a server that lost
 * touch can disturb a cluster that has a leader (thesis 4.2.3; spec §6.6 steps 2 and 3).
 */
function earlyRefusal(core: Core, event: Asked, transfer: boolean): VoteRefusal | undefined {
  const { from } = event
  const { configuration } = core.configurations.latest
  const known = !isNamed(from) || memberOf(configuration, from.id) !== undefined
  if (!known && knowsConfiguration(core, event)) return 'not-in-configuration'
  if (transfer || core.leader === undefined || isSender(from, core.leader)) return undefined
  if (core.role.kind === 'leader') return 'leader-known'
  const heardAt = core.lastContact ?? -Infinity
  return core.now - heardAt < core.settings.heartbeatTimeout ? 'leader-known' : undefined
}

/**
 * Whether this server's configuration says who may have a vote. It does not while there is none, nor against a newer log:
 * that may hold a change that has not come here, and refusing whom it made a voter could leave nobody who can win.
 */
function knowsConfiguration(core: Core, last: Asked): boolean {
  const own = core.log.last
  const isNewer = last.lastTerm > own.term || (last.lastTerm === own.term && last.lastIndex > own.index)
  return core.configurations.latest.index > 0 && !isNewer
}

/** Whether the other log is older than this one: the last terms decide, then the last indexes (thesis 3.6.1). */
function isStale(core: Core, last: Asked): boolean {
  const own = core.log.last
  return last.lastTerm < own.term || (last.lastTerm === own.term && last.lastIndex < own.index)
}

/** The grounds that count within a term. */
function lateRefusal(core: Core, event: Asked): VoteRefusal | undefined {
  const { configuration } = core.configurations.latest
  const voter = !isNamed(event.from) || hasVote(configuration, event.from.id)
  if (!voter && knowsConfiguration(core, event)) return 'not-a-voter'
  return isStale(core, event) ? 'stale-log' : undefined
}

export function onVoteRequested(core: Core, event: VoteRequested): void {
  const to = peerOf(event.from)
  const refusal = voteRefusal(core, event)
  if (refusal === undefined) {
    if (core.vote.candidate === undefined) core.setVote({ term: core.term, candidate: to })
    // Whoever only asked for promises of votes makes way.
    becomeFollower(core, core.term, 'newer-term')
    core.lastContact = core.now
    if (core.role.kind === 'follower') core.role.electionAt = core.now + core.draw(core.settings.heartbeatTimeout)
    core.note({ name: 'vote-granted', to, term: core.term })
  } else {
    core.note({ name: 'vote-refused', to, term: event.term, reason: refusal })
  }
  core.reply(event.inbound, { kind: 'requestVote', term: core.term, granted: refusal === undefined })
}

function voteRefusal(core: Core, event: VoteRequested): VoteRefusal | undefined {
  const early = earlyRefusal(core, event, event.transfer)
  if (early !== undefined) return early
  if (event.term < core.term) return 'old-term'
  if (event.term > core.term) becomeFollower(core, event.term, 'newer-term')
  // Whoever campaigns or leads in the term has voted for itself.
  if (core.vote.candidate !== undefined && !isSender(event.from, core.vote.candidate)) return 'already-voted'
  return lateRefusal(core, event)
}

/** Answers whether a vote would be granted. It changes nothing here (thesis 9.6). */
export function onPreVoteRequested(core: Core, event: PreVoteRequested): void {
  const refusal = preVoteRefusal(core, event)
  if (refusal !== undefined) {
    core.note({ name: 'pre-vote-refused', to: peerOf(event.from), term: event.term, reason: refusal })
  }
  // A refusal tells the own term; a promise answers in the term asked about, or the sender would think it outdated.
  const early = refusal === 'not-in-configuration' || refusal === 'leader-known'
  const term = early ? core.term : Math.max(core.term, event.term)
  core.reply(event.inbound, { kind: 'requestPreVote', term, granted: refusal === undefined })
}

function preVoteRefusal(core: Core, event: PreVoteRequested): VoteRefusal | undefined {
  // Every version that knows pre-votes sends its ID.
  if (!isNamed(event.from) && core.configurations.latest.index > 0) return 'not-in-configuration'
  const early = earlyRefusal(core, event, false)
  if (early !== undefined) return early
  if (event.term < core.term) return 'old-term'
  return lateRefusal(core, event)
}
