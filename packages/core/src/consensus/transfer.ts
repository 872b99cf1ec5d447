import {
  LeadershipTransferError,
  LeadershipTransferInProgressError,
  NotLeaderError,
  type RaftError,
  UnsupportedProtocolError,
} from '../types/errors.ts'
import type { Peer } from '../types/identity.ts'
import type { Core } from './core.ts'
import type { CallFailed, CallID, TransferAsked } from './events.ts'
import { hasVote } from './membership.ts'
import type { Leader } from './roles.ts'

/** Another server is to lead (thesis 3.10; spec §6.20). Nothing is proposed meanwhile. */
export function onTransferAsked(core: Core, event: TransferAsked): void {
  const { role } = core
  const target = choose(core, event)
  if (target instanceof Error) return core.answer(event.request, 0, target)
  if (role.kind !== 'leader') return core.answer(event.request, 0, new NotLeaderError(core.leader))
  const deadline = core.now + core.settings.electionTimeout
  role.transfer = { request: event.request, to: target, deadline, call: undefined }
  core.note({ name: 'transfer-started', to: target })
}

function choose(core: Core, event: TransferAsked): Peer | RaftError {
  if (core.settings.protocolVersion < 3) return new UnsupportedProtocolError()
  if (event.target?.id === core.self) return new LeadershipTransferError('cannot transfer leadership to itself')
  const { role } = core
  if (role.kind !== 'leader') return new NotLeaderError(core.leader)
  if (role.transfer !== undefined) return new LeadershipTransferInProgressError()
  if (role.restore !== undefined)
    return new LeadershipTransferError('cannot transfer leadership while a restore is being stored')
  const { configuration } = core.configurations.latest
  if (event.target !== undefined) {
    const { id } = event.target
    if (!role.progress.has(id)) return new LeadershipTransferError(`cannot find replication state for ${id}`)
    if (!hasVote(configuration, id))
      return new LeadershipTransferError(`cannot transfer leadership to ${id}: it has no vote`)
    return event.target
  }
  let best: Peer | undefined
  for (const voter of core.configurations.latestVoters) {
    const match = role.progress.get(voter.id)?.match
    if (match === undefined) continue
    if (best === undefined || match > (role.progress.get(best.id)?.match ?? 0)) best = voter
  }
  return best ?? new LeadershipTransferError('cannot find peer')
}

/**
 * Tells the target to campaign once it holds everything. Gives up what takes too long: writes are accepted again at
 * once, whatever is still under way (Q23, #696).
 */
export function advanceTransfer(core: Core, leader: Leader): void {
  const { transfer } = leader
  if (transfer === undefined) return
  if (transfer.deadline <= core.now) {
    return endTransfer(core, leader, new LeadershipTransferError('leadership transfer timeout'))
  }
  if (transfer.call !== undefined) return
  const progress = leader.progress.get(transfer.to.id)
  if (progress === undefined || progress.departing !== undefined) {
    return endTransfer(core, leader, new LeadershipTransferError('replication failed'))
  }
  if (progress.match < core.log.lastIndex) return
  transfer.call = core.nextCall()
  core.emit({ type: 'timeout-now', call: transfer.call, to: transfer.to })
}

/** The target was told: from now on it has one election timeout to win. */
export function onTimeoutNowAnswered(core: Core, leader: Leader, call: CallID): void {
  if (leader.transfer?.call === call) leader.transfer.deadline = core.now + core.settings.electionTimeout
}

/** True if the call was a TimeoutNow. */
export function onTimeoutNowFailed(core: Core, leader: Leader, event: CallFailed): boolean {
  if (leader.transfer === undefined || leader.transfer.call !== event.call) return false
  const { id } = leader.transfer.to
  const message = `failed to make TimeoutNow RPC to ${id}: ${event.error.message}`
  endTransfer(core, leader, new LeadershipTransferError(message, { cause: event.error }))
  return true
}

/** Ends the transfer while still leading. Losing the office ends it as a success, in `becomeFollower`. */
function endTransfer(core: Core, leader: Leader, error: RaftError): void {
  const { transfer } = leader
  if (transfer === undefined) return
  leader.transfer = undefined
  core.note({ name: 'transfer-ended', to: transfer.to, error })
  core.answer(transfer.request, 0, error)
}
