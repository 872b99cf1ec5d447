import type { Core } from './core.ts'
import { onElectionTimeout } from './election.ts'
import { majorityValue } from './quorum.ts'
import { askReadsAnew } from './reads.ts'
import { maySend } from './replication.ts'
import type { Leader } from './roles.ts'
import type { Settings } from './settings.ts'
import { becomeFollower } from './transitions.ts'

/** When the state machine wants to hear that time has passed; Infinity if it waits for nothing. */
export function deadlineOf(core: Core): number {
  const { role } = core
  if (role.kind !== 'leader') return role.electionAt
  let deadline = Math.min(role.leaseAt, role.transfer?.deadline ?? Infinity)
  const openSince = core.outbox.oldestOpenAt
  if (openSince !== undefined) deadline = Math.min(deadline, openSince + 2 * core.settings.leaderLeaseTimeout)
  for (const progress of role.progress.values()) {
    deadline = Math.min(deadline, progress.heartbeatAt, progress.departing?.until ?? Infinity)
    if (maySend(core, progress)) deadline = Math.min(deadline, progress.commitAt)
    if (progress.retryAt > core.now) deadline = Math.min(deadline, progress.retryAt)
  }
  return deadline
}

/** Does what is due by now; what a leader sends is for `advance`. */
export function onElapsed(core: Core): void {
  const { role } = core
  if (role.kind !== 'leader') {
    if (role.electionAt <= core.now) onElectionTimeout(core)
    return
  }
  if (core.diskStalled) {
    // A leader that cannot store is in the way of one that can (#503, #612).
    core.note({ name: 'disk-stalled', since: core.outbox.oldestOpenAt ?? core.now })
    return becomeFollower(core, core.term, 'disk-stalled')
  }
  if (role.leaseAt <= core.now) checkLease(core, role)
}

/** What is waited for under the new settings comes no later than they say. */
export function onSettingsChanged(core: Core, settings: Settings): void {
  core.settings = settings
  const { role } = core
  const sooner = (at: number, duration: number): number => Math.min(at, core.now + core.draw(duration))
  if (role.kind === 'follower') role.electionAt = sooner(role.electionAt, settings.heartbeatTimeout)
  else if (role.kind === 'candidate') role.electionAt = sooner(role.electionAt, settings.electionTimeout)
  else {
    for (const progress of role.progress.values()) {
      progress.heartbeatAt = sooner(progress.heartbeatAt, settings.heartbeatTimeout / 10)
    }
  }
}

/**
 * A leader that no majority of voters has answered for a lease timeout steps down (thesis 6.2). A server's contact is
 * when the newest request that it answered was sent.
 */
function checkLease(core: Core, leader: Leader): void {
  const lease = core.settings.leaderLeaseTimeout
  const voters = core.configurations.latestVoters
  const contacts = voters.map((voter) => {
    if (voter.id === core.self) return core.now
    const contactAt = leader.progress.get(voter.id)?.contactAt ?? -Infinity
    core.note({ name: 'leader-contact', peer: voter, age: core.now - contactAt })
    return contactAt
  })
  const heardAt = majorityValue(contacts)
  if (core.now - heardAt >= lease) {
    core.note({ name: 'lease-expired', term: core.term })
    return becomeFollower(core, core.term, 'lease-expired')
  }
  leader.leaseAt = Math.max(heardAt + lease, core.now + Math.min(10, lease / 2))
}

/**
 * The node did not run for a while: what others sent meanwhile still waits in its sockets. A follower gives that a
 * moment before it campaigns; a leader gives one round trip before it judges its lease, and confirms no read by an
 * answer to what was sent before (design, chapter 4).
 */
export function onPause(core: Core, duration: number): void {
  core.note({ name: 'pause-noticed', duration })
  const { role } = core
  if (role.kind === 'follower') {
    role.electionAt = Math.max(role.electionAt, core.now + core.draw(core.settings.heartbeatTimeout / 4))
  } else if (role.kind === 'leader') {
    role.leaseAt = Math.max(role.leaseAt, core.now + core.settings.leaderLeaseTimeout / 2)
    askReadsAnew(role)
    for (const progress of role.progress.values()) progress.heartbeatAt = core.now
  }
}
