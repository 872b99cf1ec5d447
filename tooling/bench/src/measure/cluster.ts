import { startCeiling } from '../ceiling/ceiling.ts'
import { startOurs } from '../ours/ours.ts'
import type { ClusterTask, Subject } from './task.ts'

/** Starts a cluster that runs in Node. */
export function startCluster(side: 'ours' | 'ceiling', task: ClusterTask): Promise<Subject> {
  return side === 'ours' ? startOurs(task) : startCeiling(task)
}
