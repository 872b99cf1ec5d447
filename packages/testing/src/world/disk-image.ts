import type { Log } from '@raft/core'
import { InmemStore } from '@raft/store-inmem'

/** A change of a disk's log and values: done as a whole. */
export interface DiskChange {
  readonly set?: readonly { readonly key: string; readonly value: Uint8Array }[] | undefined
  /** Removes the entries from `min` through `max`. */
  readonly remove?: { readonly min: number; readonly max: number } | undefined
  readonly logs?: readonly Log[] | undefined
}

/** What a disk holds, or seems to hold: entries and values. */
export class DiskImage {
  readonly store = new InmemStore()
  readonly #keys = new Set<string>()

  /** Does all of a change. */
  apply({ set, remove, logs }: DiskChange): void {
    for (const { key, value } of set ?? []) {
      this.#keys.add(key)
      this.store.set(key, value)
    }
    if (remove !== undefined) this.store.deleteRange(remove.min, remove.max)
    if (logs !== undefined) this.store.storeLogs(logs)
  }

  /** An image of its own with the same content. */
  clone(): DiskImage {
    const copy = new DiskImage()
    for (const key of this.#keys) copy.apply({ set: [{ key, value: this.store.get(key)! }] })
    copy.apply({ logs: this.logs() })
    return copy
  }

  /** All entries, ascending, also over gaps. */
  logs(): readonly Log[] {
    const all: Log[] = []
    const through = this.store.lastIndex()
    let from = this.store.firstIndex()
    while (from > 0 && from <= through) {
      const found = this.has(from) ? this.store.getLogs({ from, through, maxBytes: Infinity }) : []
      all.push(...found)
      from += Math.max(1, found.length)
    }
    return all
  }

  /** Whether there is an entry at the index. */
  has(index: number): boolean {
    return this.termAt(index) !== undefined
  }

  /** The term of the entry at the index, if there is one. */
  termAt(index: number): number | undefined {
    const { store } = this
    if (index < store.firstIndex() || index > store.lastIndex() || index < 1) return undefined
    try {
      return store.getLog(index).term
    } catch {
      return undefined
    }
  }
}
