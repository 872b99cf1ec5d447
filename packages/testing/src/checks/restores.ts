import type { Position } from '@raft/core'

/** A restore whose state is, or was, on the disk of a server. */
export interface Restore extends Position {
  readonly bytes: Uint8Array
}

/** A restore that was committed: from its index on, history begins anew. */
export interface Epoch extends Restore {
  /** Its place in what clients saw. */
  readonly begun: number
}

/**
 * User restores. The index that one gets is committed by nobody yet: it is provisional until the entry behind it is
 * committed, and a server that has it may have to go back, once, if that never happens. Followers cannot know; that is the
 * window that is documented.
 */
export class Restores {
  /** Those that were committed, in their order. */
  readonly epochs: Epoch[] = []
  /** The place of now in what clients see. */
  mark: () => number = () => 0
  readonly #seen: Restore[] = []
  #asked = 0

  /** A caller asks for one. */
  ask(): void {
    this.#asked += 1
  }

  /** A leader has a snapshot at a position that is not committed: only a restore may have that. True if it is one. */
  note(restore: Restore): boolean {
    if (this.#asked === 0) return false
    if (!this.has(restore)) this.#seen.push(restore)
    return true
  }

  /** Whether this is the position of a restore, committed or not. */
  has({ index, term }: Position): boolean {
    return this.#seen.some((restore) => restore.index === index && restore.term === term)
  }

  /** Whether a restore has the index. */
  includes(index: number): boolean {
    return this.#seen.some((restore) => restore.index === index)
  }

  /** Whether this is the position of a restore that is not committed. */
  isProvisional(position: Position): boolean {
    const isCommitted = this.epochs.some(({ index, term }) => index === position.index && term === position.term)
    return this.has(position) && !isCommitted
  }

  /** The restore at the position, if it is one that is not committed. */
  at(position: Position): Restore | undefined {
    if (!this.isProvisional(position)) return undefined
    return this.#seen.find(({ index, term }) => index === position.index && term === position.term)
  }

  /** The entry behind it is committed. */
  commit(restore: Restore): void {
    this.epochs.push({ ...restore, begun: this.mark() })
  }
}
