import { advanceChanges } from './changes.ts'
import { advanceCommit } from './commit.ts'
import type { Core } from './core.ts'
import type { Progress } from './progress.ts'
import { advanceReads } from './reads.ts'
import { heartbeat, leaveDeparted, replicate } from './replication.ts'
import type { Leader } from './roles.ts'
import { advanceTransfer } from './transfer.ts'

/**
 * What a leader does after every event, whatever it was: commits, changes, answers and sends what it now can. Handlers
 * only note facts, so that no path forgets one of these, and one event leads to one message for each server.
 */
export function advance(core: Core, leader: Leader): void {
  do {
    advanceCommit(core, leader)
    if (core.role !== leader) return
  } while (advanceChanges(core, leader))
  advanceReads(core, leader)
  advanceTransfer(core, leader)
  let sending: Progress[] = []
  for (const progress of leader.progress.values()) {
    if (leaveDeparted(core, leader, progress)) continue
    heartbeat(core, leader, progress)
    if (replicate(core, leader, progress)) sending.push(progress)
  }
  // Servers take turns: they want the same entries, which are then read and encoded once while they are at hand.
  while (sending.length > 0) sending = sending.filter((progress) => replicate(core, leader, progress))
}
