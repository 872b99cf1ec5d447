import type { Consensus } from '../consensus/consensus.ts'
import type { VoteState } from '../consensus/vote-state.ts'
import type { IndexedConfiguration } from '../types/configuration.ts'
import type { Peer, ServerID } from '../types/identity.ts'
import type { Position } from '../types/log.ts'
import type { RaftState } from '../types/raft-state.ts'
import { decodeVote, VOTE_KEY } from './vote-record.ts'

/** The key of the stable store that holds term and vote, and how its value is read: for tools that look at stores. */
export const voteRecord: {
  readonly key: string
  readonly decode: (bytes: Uint8Array | undefined) => VoteState
} = { key: VOTE_KEY, decode: decodeVote }

/** What a leader knows of another server. */
export interface InspectedProgress {
  /** The last entry that the server is known to hold. */
  readonly match: number
  readonly next: number
}

/** The inside of a node, to look at and never to change: for checkers and tools. It may change in any release. */
export class Inspection {
  readonly #consensus: Consensus

  /** @internal Made by `inspect`. */
  constructor(consensus: Consensus) {
    this.#consensus = consensus
  }

  /** The role; a node that was shut down keeps its last one. */
  get state(): RaftState {
    return this.#consensus.state
  }

  get term(): number {
    return this.#consensus.term
  }

  /** Term and vote, durable or not yet. */
  get vote(): { readonly term: number; readonly candidate?: Peer | undefined } {
    return this.#consensus.vote
  }

  get firstIndex(): number {
    return this.#consensus.firstIndex
  }

  get lastIndex(): number {
    return this.#consensus.lastIndex
  }

  get lastTerm(): number {
    return this.#consensus.lastTerm
  }

  get durableIndex(): number {
    return this.#consensus.durableIndex
  }

  get commitIndex(): number {
    return this.#consensus.commitIndex
  }

  get appliedIndex(): number {
    return this.#consensus.appliedIndex
  }

  /** The last entry that the newest snapshot includes; index 0 without one. */
  get snapshot(): Position {
    return this.#consensus.snapshot
  }

  /** The newest configuration, committed or not. */
  get latestConfiguration(): IndexedConfiguration {
    return this.#consensus.latestConfiguration
  }

  /** The newest configuration that is committed. */
  get committedConfiguration(): IndexedConfiguration {
    return this.#consensus.committedConfiguration
  }

  /** The term of the entry at the index; undefined if it is not known. */
  termAt(index: number): number | undefined {
    return this.#consensus.termAt(index)
  }

  /** What a leader knows of the others; undefined on a node that does not lead. */
  get progress(): ReadonlyMap<ServerID, InspectedProgress> | undefined {
    const { role } = this.#consensus
    return role.kind === 'leader' ? role.progress : undefined
  }
}

const inspections = new WeakMap<object, Inspection>()

/** Lets a node be inspected. */
export function allowInspection(raft: object, consensus: Consensus): void {
  inspections.set(raft, new Inspection(consensus))
}

/** The inside of a node: a live view, always the same object. Also of one that was shut down. */
export function inspect(raft: object): Inspection {
  const inspection = inspections.get(raft)
  if (inspection === undefined) throw new TypeError('inspect takes a Raft of this copy of @raft/core')
  return inspection
}
