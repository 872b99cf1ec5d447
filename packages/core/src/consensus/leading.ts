import { LeadershipTransferInProgressError, NotLeaderError, type RaftError, SnapshotError } from '../types/errors.ts'
import { LogType } from '../types/log.ts'
import type { Core } from './core.ts'
import type { Applied, Proposed } from './events.ts'
import { followMembership } from './replication.ts'
import type { Leader } from './roles.ts'

/** Takes office: a first entry of its own term, since only that commits what came before (thesis 3.6.2, 6.4). */
export function becomeLeader(core: Core): void {
  const startIndex = core.log.lastIndex + 1
  const leader: Leader = {
    kind: 'leader',
    startIndex,
    progress: new Map(),
    round: 0,
    reads: [],
    changes: [],
    promotions: new Map(),
    transfer: undefined,
    restore: undefined,
    leaseAt: core.now + core.settings.leaderLeaseTimeout,
  }
  core.role = leader
  core.note({ name: 'state-changed', state: 'Leader', term: core.term })
  core.setLeader(core.settings.self)
  core.log.append(1, core.term)
  core.persist({ entries: { from: 'leader', entries: [{ index: startIndex, term: core.term, type: LogType.Noop }] } })
  followMembership(core, leader)
}

/** Callers have queued commands: all of them go into the log, or none. */
export function onProposed(core: Core, event: Proposed): void {
  const error = proposalRefusal(core)
  if (error !== undefined) return core.emit({ type: 'refuse-proposals', count: event.count, error })
  const first = core.log.lastIndex + 1
  core.log.append(event.count, core.term)
  core.persist({ entries: { from: 'queue', first, count: event.count, term: core.term } })
}

function proposalRefusal(core: Core): RaftError | undefined {
  const { role } = core
  if (role.kind !== 'leader') return new NotLeaderError(core.leader)
  if (role.transfer !== undefined) return new LeadershipTransferInProgressError()
  if (role.restore === undefined) return undefined
  return new SnapshotError('a restore is being stored', { outcome: 'rejected' })
}

/** The FSM has applied through the index: callers who waited for that are answered. */
export function onApplied(core: Core, event: Applied): void {
  // Beyond what it was told, it is of a history that a snapshot is about to replace.
  if (event.index > core.applyThrough) return
  core.appliedIndex = event.index
  if (core.entryWaiters.length === 0) return
  let waiting = 0
  for (const waiter of core.entryWaiters) {
    if (waiter.index <= event.index) core.answer(waiter.request, waiter.index)
    else {
      core.entryWaiters[waiting] = waiter
      waiting += 1
    }
  }
  core.entryWaiters.length = waiting
}
