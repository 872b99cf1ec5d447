import type { Core } from './core.ts'
import { memberOf } from './membership.ts'
import { majorityValue } from './quorum.ts'
import { tellCommit } from './replication.ts'
import { confirmRestore, prepareCommit } from './restoring.ts'
import type { Leader } from './roles.ts'
import { becomeFollower } from './transitions.ts'

/**
 * Commits what a majority of the newest configuration's voters holds durably, if it is of this leader's own term
 * (thesis 3.6.2). The leader counts itself like any other voter: with what is on its disk.
 */
export function advanceCommit(core: Core, leader: Leader): void {
  if (core.commitIndex >= core.log.lastIndex) return
  const held = core.configurations.latestVoters.map((voter) =>
    voter.id === core.self ? core.outbox.durableIndex : (leader.progress.get(voter.id)?.match ?? 0),
  )
  const index = majorityValue(held)
  if (index <= core.commitIndex || index < leader.startIndex || core.log.termAt(index) !== core.term) return
  if (!prepareCommit(core, index)) return
  core.setCommitIndex(index)
  confirmRestore(core)
  const latest = core.configurations.latest
  const self = memberOf(latest.configuration, core.self)
  if (latest.index <= core.commitIndex && self?.suffrage !== 'Voter') leaveOffice(core, leader, self === undefined)
}

/** Its own removal, or demotion, is committed: tells the others so and goes (thesis 4.2.2). Demotion is no removal (Q12). */
function leaveOffice(core: Core, leader: Leader, removed: boolean): void {
  for (const progress of leader.progress.values()) tellCommit(core, leader, progress)
  becomeFollower(core, core.term, 'no-longer-a-voter')
  if (removed) core.emit({ type: 'removed' })
}
