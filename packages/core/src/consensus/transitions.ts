import { LeadershipLostError, NotLeaderError } from '../types/errors.ts'
import type { Peer } from '../types/identity.ts'
import type { Core } from './core.ts'
import { takeBack } from './restoring.ts'
import type { Leader } from './roles.ts'

/** Why a leader leaves its office. */
export type Departure = 'newer-term' | 'lease-expired' | 'disk-stalled' | 'no-longer-a-voter'

/** Becomes a follower, in a newer term if one is given; whatever the role before was doing ends here. */
export function becomeFollower(core: Core, term: number, departure: Departure): void {
  const termBefore = core.term
  if (term > core.term) {
    core.setVote({ term })
    core.note({ name: 'term-adopted', term })
    if (core.role.kind === 'follower') core.setLeader(undefined)
  }
  if (core.role.kind === 'follower') return
  const before = core.role
  core.role = { kind: 'follower', electionAt: core.now + core.draw(core.settings.heartbeatTimeout) }
  core.setLeader(undefined)
  core.note({ name: 'state-changed', state: 'Follower', term: core.term })
  if (before.kind !== 'leader') return
  takeBack(core)
  core.emit({ type: 'leadership-lost', term: termBefore, commitIndex: core.commitIndex })
  endLeadership(core, before, departure)
}

/** Answers everybody who waited for the leader; what is committed is still answered once it is applied. */
function endLeadership(core: Core, leader: Leader, departure: Departure): void {
  core.lastContact = core.now
  const refusal = (): NotLeaderError | LeadershipLostError =>
    departure === 'newer-term' ? new NotLeaderError() : new LeadershipLostError()
  for (const read of leader.reads) core.answer(read.request, 0, refusal())
  for (const change of leader.changes) core.answer(change.request, 0, new NotLeaderError())
  for (const requests of leader.promotions.values()) {
    for (const request of requests) core.answer(request, 0, new LeadershipLostError())
  }
  if (leader.restore !== undefined) core.answer(leader.restore.request, 0, new NotLeaderError())
  if (leader.transfer !== undefined) {
    const { request, to } = leader.transfer
    core.note({ name: 'transfer-ended', to, error: undefined })
    core.answer(request, 0)
  }
  const lost = core.entryWaiters.filter((waiter) => waiter.index > core.commitIndex)
  for (const waiter of lost) {
    core.answer(waiter.request, 0, new LeadershipLostError(waiter))
    core.entryWaiters.splice(core.entryWaiters.indexOf(waiter), 1)
  }
}

/** A word from the leader of this term: follow it, and wait anew before campaigning. */
export function hearLeader(core: Core, leader: Peer): void {
  if (core.role.kind !== 'follower') becomeFollower(core, core.term, 'newer-term')
  core.setLeader(leader)
  core.lastContact = core.now
  if (core.role.kind === 'follower') core.role.electionAt = core.now + core.draw(core.settings.heartbeatTimeout)
}
