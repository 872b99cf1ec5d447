import { NotLeaderError } from '../types/errors.ts'
import type { Core } from './core.ts'
import type { ReadAsked } from './events.ts'
import { majorityValue } from './quorum.ts'
import type { Leader } from './roles.ts'

/**
 * A linearizable read (thesis 6.4), or only the confirmation that this server still leads. It rests on answers, in this
 * term, of a majority of voters to requests that were sent after the call (Q2, H1, H2).
 */
export function onReadAsked(core: Core, event: ReadAsked): void {
  const { role } = core
  if (role.kind !== 'leader') return core.answer(event.request, 0, new NotLeaderError(core.leader))
  role.round += 1
  // A restored state may be read once it is committed, not before.
  const index = Math.max(core.commitIndex, role.startIndex, (core.restored?.snapshot.index ?? -1) + 1)
  role.reads.push({ request: event.request, round: role.round, index, applied: event.applied })
}

/** The newest round that a majority of the voters has confirmed. */
function confirmedRound(core: Core, leader: Leader): number {
  return majorityValue(
    core.configurations.latestVoters.map((voter) =>
      voter.id === core.self ? leader.round : (leader.progress.get(voter.id)?.confirmedRound ?? 0),
    ),
  )
}

/** Answers the reads that are confirmed, whose state is committed in this term and, if they want it, applied here. */
export function advanceReads(core: Core, leader: Leader): void {
  if (leader.reads.length === 0) return
  const round = confirmedRound(core, leader)
  leader.reads = leader.reads.filter((read) => {
    const reached = read.applied ? Math.min(core.commitIndex, core.appliedIndex) : core.commitIndex
    if (read.round > round || reached < read.index) return true
    core.answer(read.request, read.index)
    return false
  })
}

/** After a pause nothing sent before it says that this server still leads: every read is asked anew (design, chapter 4). */
export function askReadsAnew(leader: Leader): void {
  leader.round += 1
  for (const read of leader.reads) read.round = leader.round
}
