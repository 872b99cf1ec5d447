import type { AnyRPC } from '@raft/core'

/** Whether a request is a heartbeat: an AppendEntries of a leader with a term, without entries or positions. */
export function isHeartbeat(rpc: AnyRPC): boolean {
  if (rpc.type !== 'appendEntries') return false
  const { term, prevLogEntry, prevLogTerm, leaderCommitIndex, entries, header, leader } = rpc.command
  const sender = header.address !== undefined && header.address.length > 0 ? header.address : leader
  return (
    term !== 0 &&
    sender !== undefined &&
    prevLogEntry === 0 &&
    prevLogTerm === 0 &&
    leaderCommitIndex === 0 &&
    (entries === undefined || entries.length === 0)
  )
}
