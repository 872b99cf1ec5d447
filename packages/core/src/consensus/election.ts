import type { Server } from '../types/configuration.ts'
import type { ServerID } from '../types/identity.ts'
import type { Core } from './core.ts'
import type { CallID, PreVoteAnswered, TimeoutNowRequested, VoteAnswered } from './events.ts'
import { becomeLeader } from './leading.ts'
import { majority } from './quorum.ts'
import type { Candidate } from './roles.ts'
import { isSender } from './sender.ts'
import { becomeFollower } from './transitions.ts'

/** The time to campaign has come: a follower heard nobody, or a candidate did not win in time. */
export function onElectionTimeout(core: Core): void {
  if (core.role.kind === 'leader') return
  if (core.role.kind === 'follower') {
    core.note({ name: 'heartbeat-timeout', leader: core.leader })
    core.setLeader(undefined)
  } else {
    core.note({ name: 'election-timeout', term: core.term })
  }
  const reason = reasonNotToCampaign(core)
  if (reason === undefined) return campaign(core, { transfer: false })
  core.note({ name: 'election-not-started', reason })
  becomeFollower(core, core.term, 'no-longer-a-voter')
  if (core.role.kind === 'follower') core.role.electionAt = core.now + core.draw(core.settings.heartbeatTimeout)
}

function reasonNotToCampaign(core: Core): 'no-configuration' | 'not-a-voter' | Hindrance | undefined {
  if (core.configurations.latest.index === 0) return 'no-configuration'
  if (!core.mayCampaign) return 'not-a-voter'
  return hindranceOf(core)
}

type Hindrance = 'slow-disk' | 'no-term-left'

/** What keeps a server that has a vote from winning. */
function hindranceOf(core: Core): Hindrance | undefined {
  // The number after this one cannot be told from it, and a term is for one leader. Only a lie makes terms so high.
  if (core.term >= Number.MAX_SAFE_INTEGER) return 'no-term-left'
  return core.diskStalled ? 'slow-disk' : undefined
}

/** Begins a candidacy: asks for pre-votes first, unless they are off or the leader told it to campaign (thesis 9.6, 3.10). */
function campaign(core: Core, options: { readonly transfer: boolean }): void {
  core.setLeader(undefined)
  if (core.settings.preVote && !options.transfer) startPreVote(core)
  else startVote(core, options)
}

function otherVoters(core: Core): readonly Server[] {
  return core.configurations.latestVoters.filter((server) => server.id !== core.self)
}

/** Enters a candidacy; the answers to its requests are told apart by its calls. */
function becomeCandidate(core: Core, attempt: Pick<Candidate, 'phase' | 'ownVote'>): Candidate {
  const before = core.role.kind
  // Who is about to lose its vote lets those go first who keep theirs: they may well win, and it takes votes from them.
  const patience = core.isVoter ? 1 : 2
  const candidate: Candidate = {
    kind: 'candidate',
    ...attempt,
    electionAt: core.now + patience * core.draw(core.settings.electionTimeout),
    votesNeeded: majority(core.configurations.latestVoters.length),
    granted: new Set(),
    calls: new Map(),
  }
  core.role = candidate
  if (before !== 'candidate') core.note({ name: 'state-changed', state: 'Candidate', term: core.term })
  return candidate
}

function startPreVote(core: Core): void {
  const candidate = becomeCandidate(core, { phase: 'pre-vote', ownVote: 0 })
  const term = core.term + 1
  core.note({ name: 'pre-vote-started', term })
  const { index: lastIndex, term: lastTerm } = core.log.last
  for (const to of otherVoters(core)) {
    const call = core.nextCall()
    candidate.calls.set(call, to.id)
    core.emit({ type: 'request-pre-vote', call, to, term, lastIndex, lastTerm })
  }
  grantOwn(core, candidate)
}

function startVote(core: Core, options: { readonly transfer: boolean }): void {
  core.setVote({ term: core.term + 1, candidate: core.settings.self })
  const ownVote = core.voteWrite()
  const candidate = becomeCandidate(core, { phase: 'vote', ownVote })
  core.note({ name: 'election-started', term: core.term, transfer: options.transfer })
  const { index: lastIndex, term: lastTerm } = core.log.last
  for (const to of otherVoters(core)) {
    const call = core.nextCall()
    candidate.calls.set(call, to.id)
    // The request promises the new term, so it waits for the disk as the own vote does.
    core.emitDurable(
      { type: 'request-vote', call, to, term: core.term, lastIndex, lastTerm, transfer: options.transfer },
      ownVote,
    )
  }
}

/** Counts the own vote, once it is durable. */
export function onOwnVoteDurable(core: Core): void {
  const { role } = core
  if (role.kind !== 'candidate' || role.phase !== 'vote' || role.granted.has(core.self)) return
  if (core.outbox.isDurable(role.ownVote)) grantOwn(core, role)
}

function grantOwn(core: Core, candidate: Candidate): void {
  if (core.isVoter) candidate.granted.add(core.self)
  winIfEnough(core, candidate)
}

function winIfEnough(core: Core, candidate: Candidate): void {
  if (candidate.granted.size < candidate.votesNeeded) return
  if (candidate.phase === 'pre-vote') startVote(core, { transfer: false })
  else if (core.outbox.isDurable(candidate.ownVote)) becomeLeader(core)
}

/** The asked server, if the answer is to this candidacy and not to an earlier one. */
function answeredBy(core: Core, call: CallID, phase: Candidate['phase']): ServerID | undefined {
  if (core.role.kind !== 'candidate' || core.role.phase !== phase) return undefined
  const id = core.role.calls.get(call)
  core.role.calls.delete(call)
  return id
}

export function onVoteAnswered(core: Core, event: VoteAnswered): void {
  const id = answeredBy(core, event.call, 'vote')
  if (id === undefined || core.role.kind !== 'candidate') return
  if (event.term > core.term) return becomeFollower(core, event.term, 'newer-term')
  if (!event.granted || event.term !== core.term) return
  core.role.granted.add(id)
  winIfEnough(core, core.role)
}

export function onPreVoteAnswered(core: Core, event: PreVoteAnswered): void {
  const id = answeredBy(core, event.call, 'pre-vote')
  if (id === undefined || core.role.kind !== 'candidate') return
  // A refusal may come from a newer term; without taking it over this server would ask in vain for ever.
  if (event.term > core.term + 1) return becomeFollower(core, event.term, 'newer-term')
  if (!event.granted) return
  core.role.granted.add(id)
  winIfEnough(core, core.role)
}

/** The leader asks this server to take over (thesis 3.10). Nobody else may (Q3, H6). */
export function onTimeoutNow(core: Core, event: TimeoutNowRequested): void {
  const refusal = timeoutNowRefusal(core, event)
  if (refusal !== undefined) {
    core.note({ name: 'timeout-now-refused', reason: refusal })
    const error = new Error(`timeout now refused: ${refusal}`)
    core.emit({ type: 'reply', inbound: event.inbound, message: { kind: 'timeoutNow' }, error })
    return
  }
  core.emit({ type: 'reply', inbound: event.inbound, message: { kind: 'timeoutNow' } })
  campaign(core, { transfer: true })
}

function timeoutNowRefusal(
  core: Core,
  event: TimeoutNowRequested,
): 'not-a-voter' | 'not-from-leader' | Hindrance | undefined {
  if (core.role.kind === 'leader' || !isSender(event.from, core.leader)) return 'not-from-leader'
  if (!core.isVoter) return 'not-a-voter'
  return hindranceOf(core)
}
