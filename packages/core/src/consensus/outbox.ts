import type { Effect } from './effects.ts'

interface PendingWrite {
  readonly write: number
  /** When it was handed to the node. */
  readonly at: number
  /** The last index of the log once it is done. */
  readonly through: number
  /** What it leaves of the entries that earlier writes stored. */
  readonly leaves: number
}

interface HeldEffect {
  readonly write: number
  readonly effect: Effect
}

/**
 * Knows what is durable, and holds messages that promise something until what they promise is (design 2.3). Writes are
 * numbered; an index says nothing, since it can be written twice.
 */
export class Outbox {
  #lastWrite = 0
  #durableWrite = 0
  #durableIndex: number
  #pending: PendingWrite[] = []
  /** When a write was last done. */
  #settledAt = 0
  #held: HeldEffect[] = []

  constructor(durableIndex: number) {
    this.#durableIndex = durableIndex
  }

  /** The last entry of the log that is durable, and everything before it. */
  get durableIndex(): number {
    return this.#durableIndex
  }

  /** The number of the newest write. */
  get lastWrite(): number {
    return this.#lastWrite
  }

  /**
   * Since when the oldest write that is not done has been all that the disk was waited for: what stands in a queue while
   * earlier writes are done is no sign of a stall. Undefined when none is open.
   */
  get oldestOpenAt(): number | undefined {
    const oldest = this.#pending[0]
    return oldest === undefined ? undefined : Math.max(oldest.at, this.#settledAt)
  }

  /** Numbers a new write. `through` is the log's last index after it, `leaves` the last entry it does not remove. */
  issue(at: number, through: number, leaves = Infinity): number {
    this.#lastWrite += 1
    this.#pending.push({ write: this.#lastWrite, at, through, leaves })
    this.#durableIndex = Math.min(this.#durableIndex, leaves)
    return this.#lastWrite
  }

  /** A snapshot, itself durable, stands for everything through the index. */
  coverThrough(index: number): void {
    this.#durableIndex = Math.max(this.#durableIndex, index)
  }

  isDurable(write: number): boolean {
    return write <= this.#durableWrite
  }

  /** Gives the effect back from `settle` once the write is durable; `false` if it is already, so that nothing is held. */
  hold(effect: Effect, write: number): boolean {
    if (this.isDurable(write)) return false
    this.#held.push({ write, effect })
    return true
  }

  /** All writes through this one are durable. Returns the effects that waited for them, in the order they were held. */
  settle(write: number, now: number): readonly Effect[] {
    if (write <= this.#durableWrite || write > this.#lastWrite) return []
    this.#durableWrite = write
    this.#settledAt = now
    let reached = this.#durableIndex
    while (this.#pending.length > 0 && this.#pending[0]!.write <= write) reached = this.#pending.shift()!.through
    // What later writes remove does not become durable any more.
    for (const later of this.#pending) reached = Math.min(reached, later.leaves)
    this.#durableIndex = Math.max(this.#durableIndex, reached)
    if (this.#held.length === 0) return []
    const released = this.#held.filter((held) => held.write <= write).map((held) => held.effect)
    this.#held = this.#held.filter((held) => held.write > write)
    return released
  }
}
