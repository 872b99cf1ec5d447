import type { RestoreSnapshot, RestoreSource } from '../consensus/effects.ts'
import type { SnapshotMeta, SnapshotStore } from '../interfaces/snapshot-store.ts'
import { SnapshotError } from '../types/errors.ts'
import type { Position } from '../types/log.ts'
import type { Applier } from './applier.ts'
import type { FSMCalls } from './fsm-calls.ts'
import type { SnapshotIngester } from './snapshot-ingester.ts'
import { restoreFSM, type SnapshotReceiver } from './snapshot-receiver.ts'
import type { Snapshotter } from './snapshotter.ts'

/** What restoring the FSM takes. */
export interface SnapshotRestorerOptions {
  readonly snapshots: SnapshotStore
  readonly calls: FSMCalls
  readonly applier: Applier
  readonly snapshotter: Snapshotter
  readonly receiver: SnapshotReceiver
  readonly ingester: SnapshotIngester
}

/** Replaces the state of the FSM by a snapshot of the store, wherever that came from. */
export class SnapshotRestorer {
  readonly #options: SnapshotRestorerOptions

  constructor(options: SnapshotRestorerOptions) {
    this.#options = options
  }

  /** Comes back as `applied`. */
  restore({ source, snapshot }: RestoreSnapshot): void {
    const { applier, snapshotter } = this.#options
    // What has just been stored is taken by its name: another may have its position.
    const stored = this.#idOf(source)
    // Those that are there now: one that arrives while this one is restored is newer, and right.
    const found = source.from === 'leader' ? this.#list() : undefined
    found?.catch(() => {})
    const run = async (): Promise<void> => {
      await snapshotter.abort()
      const id = stored ?? (await this.#find(snapshot))
      await restoreFSM(this.#options, id)
      if (found !== undefined) await this.#removeNewerThan(id, await found)
    }
    applier.restore({ index: snapshot.index, term: snapshot.term, run })
  }

  #idOf(source: RestoreSource): string | undefined {
    switch (source.from) {
      case 'leader':
        return this.#options.receiver.take(source.inbound)
      case 'caller':
        return this.#options.ingester.idOf(source.request)
      case 'store':
        return undefined
    }
  }

  /** What a leader sends is the newest there is: whatever would come before it at the next start is wrong (design, chapter 4). */
  async #removeNewerThan(id: string, metas: readonly SnapshotMeta[]): Promise<void> {
    const { snapshots } = this.#options
    const place = metas.findIndex((meta) => meta.id === id)
    for (const wrong of metas.slice(0, Math.max(place, 0))) await snapshots.remove?.(wrong.id)
  }

  async #list(): Promise<readonly SnapshotMeta[]> {
    return await this.#options.snapshots.list()
  }

  async #find(snapshot: Position): Promise<string> {
    for (const { id, index, term } of await this.#options.snapshots.list()) {
      if (index === snapshot.index && term === snapshot.term) return id
    }
    throw new SnapshotError(`there is no snapshot at index ${snapshot.index} and term ${snapshot.term} in the store`)
  }
}
