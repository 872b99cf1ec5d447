import type { AppendEntriesRequest } from '../types/messages.ts'

/**
 * Whether an AppendEntries is a heartbeat (spec §1.12): it has a term and a leader, and nothing else. An address that is
 * there but empty counts as a leader; what decides is the header's unless that is empty.
 */
export function isHeartbeat(request: AppendEntriesRequest): boolean {
  if (request.prevLogEntry !== 0 || request.prevLogTerm !== 0 || request.leaderCommitIndex !== 0) return false
  if (request.term === 0 || (request.entries !== undefined && request.entries.length > 0)) return false
  const { address } = request.header
  return (address !== undefined && address.length > 0) || request.leader !== undefined
}
