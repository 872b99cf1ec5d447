import type { Consensus } from './consensus.ts'
import { memberOf } from './membership.ts'
import type { Leader } from './roles.ts'

/**
 * What must hold on one server after every step, whatever the others do. Returns what does not, or undefined. It is
 * cheap: it looks at no entry and grows only with the number of servers.
 */
export function brokenInvariant(rules: Consensus): string | undefined {
  const { role } = rules
  return (
    brokenOrder(rules) ?? brokenConfiguration(rules) ?? (role.kind === 'leader' ? brokenOffice(rules, role) : undefined)
  )
}

/** Terms and indexes that must not overtake each other. */
function brokenOrder(rules: Consensus): string | undefined {
  const { appliedIndex, commitIndex, durableIndex, firstIndex, lastIndex, lastTerm, snapshot, term } = rules
  if (term < lastTerm) return `term ${term} is below ${lastTerm}, that of the last entry`
  if (firstIndex > snapshot.index + 1) return `the log begins at ${firstIndex}, the snapshot ends at ${snapshot.index}`
  if (lastIndex < snapshot.index) return `the log ends at ${lastIndex}, before the snapshot at ${snapshot.index}`
  if (lastIndex < firstIndex - 1) return `the log ends at ${lastIndex}, before it begins at ${firstIndex}`
  if (durableIndex > lastIndex) return `${durableIndex} is durable, beyond the last entry ${lastIndex}`
  if (snapshot.index > durableIndex)
    return `the snapshot ends at ${snapshot.index}, but only ${durableIndex} is durable`
  // A restored state is in force before it is committed.
  if (rules.restoring) return undefined
  if (snapshot.index > commitIndex)
    return `the snapshot ends at ${snapshot.index}, beyond the commit index ${commitIndex}`
  if (commitIndex > lastIndex) return `commit index ${commitIndex} is beyond the last entry ${lastIndex}`
  if (appliedIndex > commitIndex) return `${appliedIndex} is applied, beyond the commit index ${commitIndex}`
  if (appliedIndex > durableIndex) return `${appliedIndex} is applied, but only ${durableIndex} is durable`
  return undefined
}

function brokenConfiguration(rules: Consensus): string | undefined {
  const { latestConfiguration: latest, committedConfiguration: committed, commitIndex, lastIndex } = rules
  if (latest.index > lastIndex) return `configuration ${latest.index} is beyond the last entry ${lastIndex}`
  if (committed.index > commitIndex) return `configuration ${committed.index} is not committed`
  if (committed.index > latest.index) return `configuration ${latest.index} is older than ${committed.index}`
  return undefined
}

/** What a leader knows of others: `next > match`, one progress for each member, every call in the books. */
function brokenOffice(rules: Consensus, leader: Leader): string | undefined {
  const { lastIndex, latestConfiguration, leader: known, term } = rules
  if (known?.id !== rules.settings.self.id) return `leads, but thinks that ${known?.id} does`
  if (leader.startIndex > lastIndex) return `its first entry ${leader.startIndex} is missing`
  if (rules.termAt(leader.startIndex) !== undefined && rules.termAt(leader.startIndex) !== term) {
    return `its first entry ${leader.startIndex} is of another term`
  }
  for (const { id } of latestConfiguration.configuration.servers) {
    const missing = id !== rules.settings.self.id && leader.progress.get(id)?.departing !== undefined
    if (missing || (id !== rules.settings.self.id && !leader.progress.has(id))) return `nothing is sent to ${id}`
  }
  for (const [id, { appends, match, next, departing, peer }] of leader.progress) {
    if (next <= match) return `the next entry for ${id} is ${next}, but it has confirmed ${match}`
    if (next > lastIndex + 1) return `the next entry for ${id} is ${next}, beyond ${lastIndex + 1}`
    if (departing === undefined && memberOf(latestConfiguration.configuration, id) === undefined) {
      return `${id} is no member and still sent to`
    }
    if (peer.id !== id) return `${id} is taken for ${peer.id}`
    for (const call of appends) if (call.kind !== 'append') return `call ${call.id} is no append`
  }
  return undefined
}
