import type { Peer } from '../types/identity.ts'
import type { Position } from '../types/log.ts'

/**
 * The term and the vote in it: one value, stored under one key, so that no crash can part them (design, chapter 4, Q14).
 */
export interface VoteState {
  readonly term: number
  /** Whom this server voted for in the term. Its `id` is '' if the candidate's header had none. */
  readonly candidate?: Peer | undefined
  /** A user restore that is not committed yet: the snapshot there does not count after a restart (design, chapter 4). */
  readonly provisional?: Position | undefined
}
