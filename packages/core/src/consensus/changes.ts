import { type Configuration, ConfigurationChangeCommand } from '../types/configuration.ts'
import {
  CantBootstrapError,
  ConfigurationError,
  LeadershipTransferInProgressError,
  NotLeaderError,
  NotVoterError,
  type RaftError,
} from '../types/errors.ts'
import { LogType } from '../types/log.ts'
import { isCaughtUp } from './catch-up.ts'
import type { Core } from './core.ts'
import type { BootstrapAsked, ChangeAsked, RequestID } from './events.ts'
import { checkConfiguration, hasVote, memberOf, nextConfiguration } from './membership.ts'
import { followMembership } from './replication.ts'
import type { Leader } from './roles.ts'

/** A change is asked for. It waits until the change before it, and an entry of this term, are committed (thesis 4.1). */
export function onChangeAsked(core: Core, event: ChangeAsked): void {
  const { role } = core
  if (role.kind !== 'leader') return core.answer(event.request, 0, new NotLeaderError(core.leader))
  if (role.transfer !== undefined) return core.answer(event.request, 0, new LeadershipTransferInProgressError())
  role.changes.push(event)
}

/**
 * Whether a change may be made: one at a time, and none before an entry of this term is committed, or two leaders could
 * change the same configuration into two without a common majority (Ongaro 2015, raft-dev).
 */
function mayChange(core: Core, leader: Leader): boolean {
  return (
    core.role === leader &&
    leader.transfer === undefined &&
    leader.restore === undefined &&
    core.configurations.latest.index <= core.commitIndex &&
    core.commitIndex >= leader.startIndex
  )
}

/** Makes the next change that is due: first a staging server that has caught up, then the line. False if there is none. */
export function advanceChanges(core: Core, leader: Leader): boolean {
  if (!mayChange(core, leader)) return false
  if (promoteCaughtUp(core, leader)) return true
  const change = leader.changes.shift()
  if (change === undefined) return false
  const error = make(core, leader, change)
  if (error !== undefined) core.answer(change.request, 0, error)
  return true
}

/** Makes the change; returns why not. */
function make(core: Core, leader: Leader, change: ChangeAsked): RaftError | undefined {
  const { command, server, prevIndex } = change
  const newVoter = core.settings.protocolVersion < 3 ? 'Voter' : 'Staging'
  const before = core.configurations.latest
  let configuration
  try {
    configuration = nextConfiguration(before, { command, server, prevIndex, newVoter })
  } catch (error) {
    if (error instanceof ConfigurationError) return error
    throw error
  }
  const staged = command === ConfigurationChangeCommand.AddVoter && !hasVote(configuration, server.id)
  forgetPromotion(core, leader, server.id, staged)
  const index = appendConfiguration(core, leader, configuration)
  if (staged) leader.promotions.set(server.id, [...(leader.promotions.get(server.id) ?? []), change.request])
  else core.entryWaiters.push({ index, term: core.term, request: change.request })
  return undefined
}

/** A change of a staging server other than another addVoter ends the waiting for its vote. */
function forgetPromotion(core: Core, leader: Leader, id: string, staged: boolean): void {
  const waiting = leader.promotions.get(id)
  if (waiting === undefined || staged) return
  leader.promotions.delete(id)
  for (const request of waiting) {
    core.answer(request, 0, new ConfigurationError(`server ${id} was changed before it became a voter`))
  }
}

function promoteCaughtUp(core: Core, leader: Leader): boolean {
  const current = core.configurations.latest
  for (const progress of leader.progress.values()) {
    if (progress.departing !== undefined || !isCaughtUp(core, progress)) continue
    const server = memberOf(current.configuration, progress.peer.id)
    if (server?.suffrage !== 'Staging' || server.address !== progress.peer.address) continue
    const command = ConfigurationChangeCommand.Promote
    const change = { command, server, prevIndex: 0, newVoter: 'Voter' } as const
    const index = appendConfiguration(core, leader, nextConfiguration(current, change))
    const waiting = leader.promotions.get(server.id) ?? []
    leader.promotions.delete(server.id)
    for (const request of waiting) core.entryWaiters.push({ index, term: core.term, request })
    return true
  }
  return false
}

/** Appends a configuration. It is in force from now on, committed or not (thesis 4.1). Returns its index. */
function appendConfiguration(core: Core, leader: Leader, configuration: Configuration): number {
  const index = core.log.lastIndex + 1
  const type = core.settings.protocolVersion < 2 ? LogType.RemovePeerDeprecated : LogType.Configuration
  core.log.append(1, core.term)
  core.configurations.append({ index, configuration })
  core.note({ name: 'configuration-appended', index, configuration })
  core.persist({ entries: { from: 'leader', entries: [{ index, term: core.term, type, configuration }] } })
  followMembership(core, leader)
  return index
}

/** The first configuration of a cluster, given to a running node without any state (spec §5.3). */
export function onBootstrapAsked(core: Core, event: BootstrapAsked): void {
  const error = bootstrapRefusal(core, event)
  if (error !== undefined) return core.answer(event.request, 0, error)
  const { configuration } = event
  const type = core.settings.protocolVersion < 3 ? LogType.RemovePeerDeprecated : LogType.Configuration
  core.log.append(1, 1)
  core.configurations.append({ index: 1, configuration })
  core.note({ name: 'configuration-appended', index: 1, configuration })
  // The entry first: a vote without it would look like state, and the cluster could never be bootstrapped.
  const entries = [{ index: 1, term: 1, type, configuration }] as const
  core.persist({ entries: { from: 'bootstrap', entries } })
  core.setVote({ term: 1 })
  core.emitDurable({ type: 'answer', request: event.request, index: 1 }, core.voteWrite())
}

function bootstrapRefusal(core: Core, event: BootstrapAsked): RaftError | undefined {
  if (!hasVote(event.configuration, core.self)) return new NotVoterError()
  if (core.role.kind !== 'follower') return new CantBootstrapError()
  try {
    checkConfiguration(event.configuration)
  } catch (error) {
    if (error instanceof ConfigurationError) return error
    throw error
  }
  const fresh = core.term === 0 && core.log.lastIndex === 0
  return fresh ? undefined : new CantBootstrapError()
}

/** A caller no longer waits: its change leaves the line; one that was made goes on without it. */
export function withdrawChange(leader: Leader, request: RequestID): void {
  leader.changes = leader.changes.filter((change) => change.request !== request)
  for (const [id, waiting] of leader.promotions) {
    const left = waiting.filter((other) => other !== request)
    if (left.length === 0) leader.promotions.delete(id)
    else leader.promotions.set(id, left)
  }
}
