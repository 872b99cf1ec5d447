import type { SnapshotPosition } from '../../../src/consensus/events.ts'
import type { Disk, StoredSnapshot } from './disk.ts'
import type { Entry, EntryList } from './entries.ts'

/** The state of the FSM after one more entry. */
export function nextState(state: number, id: string): number {
  let hash = state ^ 0x811c9dc5
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

type Work =
  { readonly do: 'apply'; readonly through: number } | { readonly do: 'restore'; readonly snapshot: SnapshotPosition }

/** The FSM of a server: its state is a hash of what it has applied. It works when it is told to. */
export class Fsm {
  state: number
  /** The index that the state stands for. */
  applied: number
  #work: Work[] = []

  constructor(snapshot?: StoredSnapshot) {
    this.state = snapshot?.state ?? 0
    this.applied = snapshot?.position.index ?? 0
  }

  get busy(): boolean {
    return this.#work.length > 0
  }

  apply(through: number): void {
    this.#work.push({ do: 'apply', through })
  }

  /** What was not applied yet needs not be: the snapshot replaces it. */
  restore(snapshot: SnapshotPosition): void {
    this.#work = this.#work.filter((work) => work.do === 'restore')
    this.#work.push({ do: 'restore', snapshot })
  }

  /** Does the next piece of work, or only some entries of it. */
  work(node: { id: string; memory: EntryList; disk: Disk }, entries: number, done: (entry: Entry) => void): void {
    const work = this.#work[0]
    if (work === undefined) return
    if (work.do === 'restore') {
      this.#work.shift()
      const { index, term } = work.snapshot
      const stored = node.disk.snapshots.findLast(({ position }) => position.index === index && position.term === term)
      if (stored === undefined) throw new Error(`${node.id} restores a snapshot that it does not have`)
      this.state = stored.state
      this.applied = index
      return
    }
    const through = Math.min(work.through, this.applied + entries)
    for (let index = this.applied + 1; index <= through; index++) {
      const entry = node.memory.get(index)
      if (entry === undefined) throw new Error(`${node.id} is to apply entry ${index}, which it does not have`)
      this.state = nextState(this.state, entry.id)
      this.applied = index
      done(entry)
    }
    if (through === work.through) this.#work.shift()
  }
}
