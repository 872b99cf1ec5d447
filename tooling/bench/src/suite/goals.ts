import type { Setting } from '../measure/task.ts'

/** The numbers of clients that the goals are for. */
export const clientCounts = [1, 64, 1024, 8192] as const

// What ours ÷ the better of Go's defaults and Go tuned is to be at least, with commands of 128 bytes and three servers.
const goals: Readonly<Record<string, readonly number[]>> = {
  'memory Go': [2.5, 6.5, 5.5, 6.5],
  'tcp Go': [1.5, 4, 5, 5],
  'durable Go, raft-wal': [1, 2, 2, 4],
  'durable Go, raft-boltdb': [2, 4, 4, 8],
}

/** What ours ÷ Go is to be at least, if there is a goal for it. */
export function goalOf(setting: Setting, rival: string, clients: number): number | undefined {
  return goals[`${setting} ${rival}`]?.[clientCounts.findIndex((count) => count === clients)]
}

/** What ours ÷ ceiling is to be at least, if there is a goal for it. */
export function ceilingGoalOf(clients: number): number | undefined {
  return clients >= 64 ? 0.4 : undefined
}
