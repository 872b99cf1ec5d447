import type { Peer } from '../types/identity.ts'

/**
 * The term and the vote in it: one value, stored under one key, so that no crash can part them (design, chapter 4, Q14).
 */
export interface VoteState {
  readonly term: number
  /** Whom this server voted for in the term. Its `id` is '' if the candidate's header had none. */
  readonly candidate?: Peer | undefined
}
