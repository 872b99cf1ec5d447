import type { EntryPosition } from '../types/log.ts'
import type { Core } from './core.ts'
import type { AppendRefusal } from './effects.ts'
import type { AppendRequested, Sender } from './events.ts'
import { peerOf } from './sender.ts'
import { becomeFollower, hearLeader } from './transitions.ts'

/** A refusal, and whether it is about positions, so that the leader may try others at once. */
interface Refusal {
  readonly reason: AppendRefusal
  readonly noRetryBackoff: boolean
  /** Where the leader may go on, if it is not the end of the log. */
  readonly lastLog?: number
}

/** Nothing of the leader's log fits to what is committed here: it begins anew, and finds that only its snapshot can help. */
const conflict: Refusal = { reason: 'conflicts-with-committed', noRetryBackoff: false, lastLog: 0 }

/**
 * A message of a leader came in, in a term that is not over: follow it. False if this server leads the term itself:
 * then one of the two broke election safety, and neither message nor log of the other is believed.
 */
export function followSender(core: Core, message: { readonly term: number; readonly from: Sender }): boolean {
  if (message.term === core.term && core.role.kind === 'leader') return false
  if (message.term > core.term) becomeFollower(core, message.term, 'newer-term')
  hearLeader(core, peerOf(message.from))
  return true
}

/**
 * AppendEntries, heartbeats included: they take the same path as everything else (#695). Thesis 3.5; spec §6.8.
 */
export function onAppendRequested(core: Core, event: AppendRequested): void {
  const end = core.log.lastIndex
  const refusal = appendRefusal(core, event)
  if (refusal !== undefined) {
    core.note({ name: 'append-refused', reason: refusal.reason, leader: peerOf(event.from), term: event.term })
    const { noRetryBackoff, lastLog = end } = refusal
    core.reply(event.inbound, { kind: 'appendEntries', term: core.term, success: false, lastLog, noRetryBackoff })
    return
  }
  appendNew(core, event)
  const through = event.prevIndex + event.entries.length
  // Only what this request has checked is known to agree with the leader (H3).
  const commit = Math.min(event.leaderCommit, through)
  if (commit > core.commitIndex) core.setCommitIndex(commit)
  core.reply(
    event.inbound,
    { kind: 'appendEntries', term: core.term, success: true, lastLog: end, noRetryBackoff: false },
    core.logWrite(through),
  )
}

function appendRefusal(core: Core, event: AppendRequested): Refusal | undefined {
  if (event.term < core.term) return { reason: 'old-term', noRetryBackoff: false }
  if (!followSender(core, event)) return { reason: 'two-leaders', noRetryBackoff: false }
  return contiguityRefusal(event) ?? previousRefusal(core, event) ?? committedRefusal(core, event)
}

/** Entries must follow each other, with terms that do not fall and are not ahead of the leader's (Q26). */
function contiguityRefusal(event: AppendRequested): Refusal | undefined {
  let index = event.prevIndex
  let term = event.prevTerm
  for (const entry of event.entries) {
    index += 1
    if (entry.index !== index || entry.term < term || entry.term === 0 || entry.term > event.term) {
      return { reason: 'not-contiguous', noRetryBackoff: false }
    }
    term = entry.term
  }
  return undefined
}

function previousRefusal(core: Core, event: AppendRequested): Refusal | undefined {
  const { prevIndex, prevTerm } = event
  // What lies below the snapshot is committed, so every leader of a later term has it too (thesis 3.6.3).
  if (prevIndex < core.log.base.index) {
    return core.log.contradicts({ index: prevIndex, term: prevTerm }) ? conflict : undefined
  }
  const term = core.log.termAt(prevIndex)
  if (term === undefined) return { reason: 'missing-previous', noRetryBackoff: true }
  return term === prevTerm ? undefined : { reason: 'term-mismatch', noRetryBackoff: true }
}

/** No leader may ask to replace what is committed: its log, or ours, is not what it should be. */
function committedRefusal(core: Core, event: AppendRequested): Refusal | undefined {
  for (const entry of event.entries) {
    if (entry.index > core.commitIndex) return undefined
    if (core.log.contradicts(entry)) return conflict
  }
  return undefined
}

/** Stores what is new of the entries; a conflict removes the rest of the log first, an agreement removes nothing. */
function appendNew(core: Core, event: AppendRequested): void {
  const skip = firstNew(core, event)
  const first = event.entries[skip]
  if (first === undefined) return
  const deleteFrom = first.index <= core.log.lastIndex ? first.index : undefined
  if (deleteFrom !== undefined) {
    core.log.truncateFrom(deleteFrom)
    core.configurations.truncateFrom(deleteFrom)
    core.note({ name: 'log-truncated', from: deleteFrom })
  }
  appendTerms(core, event.entries, skip)
  for (const entry of event.configurations) {
    if (entry.index < first.index) continue
    core.configurations.append(entry)
    core.note({ name: 'configuration-appended', ...entry })
  }
  const entries = { from: 'request', inbound: event.inbound, skip } as const
  core.persist(deleteFrom === undefined ? { entries } : { deleteFrom, entries })
}

/** Adds the positions of the entries after the first `skip`, a run of one term at a time. */
function appendTerms(core: Core, entries: readonly EntryPosition[], skip: number): void {
  let at = skip
  while (at < entries.length) {
    const { term } = entries[at]!
    let end = at + 1
    while (end < entries.length && entries[end]!.term === term) end += 1
    core.log.append(end - at, term)
    at = end
  }
}

/** How many of the entries are here already, or lie below the snapshot. */
function firstNew(core: Core, event: AppendRequested): number {
  let skip = 0
  for (const entry of event.entries) {
    if (entry.index > core.log.base.index && core.log.termAt(entry.index) !== entry.term) break
    skip += 1
  }
  return skip
}
