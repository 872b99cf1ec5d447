import type { FaultPlan } from '../fault-plan.ts'
import type { Stage } from './stage.ts'

/** A bug that somebody's Raft once had, as a short play that a correct one passes. */
export interface Regression {
  /** What it is called by: the number of the issue, or a word. */
  readonly name: string
  readonly title: string
  /** Where it was reported, or written about. */
  readonly source: string
  /** What happens in the play, for people. */
  readonly story: string
  /** What one would see with the bug. */
  readonly broken: string
  /** What differs from three servers on a calm network with sound disks. */
  readonly plan?: Partial<FaultPlan>
  /** Everything is checked after every event all the while; this makes it happen. */
  play(stage: Stage): Promise<void>
}
