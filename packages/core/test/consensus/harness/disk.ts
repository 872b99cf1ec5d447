import type { SnapshotPosition } from '../../../src/consensus/events.ts'
import { checkNoGap, type InitialState, logContinues } from '../../../src/consensus/initial-state.ts'
import type { Position } from '../../../src/types/log.ts'
import type { VoteState } from '../../../src/consensus/vote-state.ts'
import { type Entry, EntryList } from './entries.ts'

/** A snapshot as it is stored: what it stands for, and the state of the FSM there. */
export interface StoredSnapshot {
  readonly position: SnapshotPosition
  readonly state: number
}

/** What one `persist` or `compact` does, with the entries themselves. */
export interface Write {
  /** Absent for a compaction. */
  readonly write?: number
  readonly vote?: VoteState | undefined
  readonly deleteFrom?: number | undefined
  readonly clear?: boolean | undefined
  readonly entries?: readonly Entry[]
  readonly compact?: number
}

/** How much of a write reached the disk before a crash: without a transaction, its parts are stored in this order. */
export type Part = 'nothing' | 'vote' | 'removal' | 'everything'

/** What survives a crash. */
export class Disk {
  vote: VoteState = { term: 0 }
  readonly log = new EntryList()
  /** Every snapshot that was ever finished, in the order of finishing. */
  readonly snapshots: StoredSnapshot[] = []

  /** Stores the write, or the first parts of it. Returns the entries that it removed, other than by compaction. */
  store(write: Write, part: Part = 'everything'): readonly Entry[] {
    if (part === 'nothing') return []
    if (write.vote !== undefined) this.vote = write.vote
    if (part === 'vote') return []
    const removed: Entry[] = []
    if (write.clear === true) removed.push(...this.log.clear())
    if (write.deleteFrom !== undefined) removed.push(...this.log.truncateFrom(write.deleteFrom))
    if (part === 'removal') return removed
    for (const entry of write.entries ?? []) this.log.append(entry)
    if (write.compact !== undefined) this.log.compactThrough(write.compact)
    return removed
  }

  /** The newest snapshot: by term, then by index, as the snapshot stores list them. */
  get newestSnapshot(): StoredSnapshot | undefined {
    return this.snapshots.toSorted(
      (a, b) => b.position.term - a.position.term || b.position.index - a.position.index,
    )[0]
  }

  /** Whether the entry is here, by itself or within a snapshot. */
  holds(index: number, term: number): boolean {
    return this.log.get(index)?.term === term || this.snapshots.some(({ position }) => position.index >= index)
  }

  /** Removes the snapshot at the position. */
  discard({ index, term }: Position): void {
    const at = this.snapshots.findIndex(({ position }) => position.index === index && position.term === term)
    if (at >= 0) this.snapshots.splice(at, 1)
  }

  /** A user restore that was never committed does not count: its snapshot goes, and what follows it in the log. */
  #forgetProvisional(): void {
    const { provisional, ...vote } = this.vote
    if (provisional === undefined) return
    this.discard(provisional)
    if (this.log.last >= provisional.index) this.log.truncateFrom(provisional.index)
    this.vote = vote
  }

  /** What a node does at its start: refuses a gap, keeps a log that goes on from the snapshot, drops any other. */
  start(): InitialState {
    this.#forgetProvisional()
    const snapshot = this.newestSnapshot?.position
    const { first, last, runs } = this.log
    const stored = first === 0 ? { first: 1, last: 0, runs: [] } : { first, last, runs }
    checkNoGap(snapshot?.index ?? 0, stored)
    const termAt = (index: number): number | undefined => this.log.get(index)?.term
    const kept =
      snapshot === undefined || logContinues(snapshot, { firstIndex: stored.first, lastIndex: stored.last, termAt })
    if (!kept) this.log.clear()
    return {
      vote: this.vote,
      snapshot,
      log: kept ? stored : { first: 1, last: 0, runs: [] },
      configurations: this.log.configurations,
      applied: snapshot?.index ?? 0,
    }
  }
}
