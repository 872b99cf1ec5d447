import type { DiscardSnapshot, IngestSnapshot } from '../consensus/effects.ts'
import type { RequestID } from '../consensus/events.ts'
import type { SnapshotStore } from '../interfaces/snapshot-store.ts'
import { RaftShutdownError, SnapshotError } from '../types/errors.ts'
import type { PeerCodec } from '../wire/codec/legacy-peers.ts'
import type { Context } from './context.ts'
import { IncomingBytes } from './incoming-bytes.ts'
import { OpenWork } from './open-work.ts'
import { messageOf } from './settle.ts'
import { removedOrStopped, removeSnapshot, storeSnapshot } from './snapshot-storing.ts'
import type { Snapshotter } from './snapshotter.ts'

/** The state that a caller gives the cluster. */
export interface RestoreInput {
  readonly data: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  /** Bytes of `data`. */
  readonly size: number
  readonly signal?: AbortSignal | undefined
}

/** What ingesting snapshots takes. */
export interface SnapshotIngesterOptions {
  readonly context: Context
  readonly snapshots: SnapshotStore
  readonly codec: PeerCodec
  readonly snapshotter: Snapshotter
}

/** Puts the state that a caller gives into the store, and takes it out again when the restore came to nothing. */
export class SnapshotIngester {
  readonly #options: SnapshotIngesterOptions
  readonly #inputs = new Map<RequestID, RestoreInput>()
  readonly #ingested = new Map<RequestID, string>()
  /** What callers still give. */
  readonly #incoming = new Set<IncomingBytes>()
  /** What is being stored or removed. */
  readonly #open = new OpenWork()

  constructor(options: SnapshotIngesterOptions) {
    this.#options = options
  }

  /** Keeps what a caller gave until it is wanted, or `forget` is called. */
  offer(request: RequestID, input: RestoreInput): void {
    this.#inputs.set(request, input)
  }

  /** The caller was answered, or no longer waits. */
  forget(request: RequestID): void {
    this.#inputs.delete(request)
    this.#ingested.delete(request)
  }

  /** The ID of what was ingested; undefined if it is not stored yet. */
  idOf(request: RequestID): string | undefined {
    return this.#ingested.get(request)
  }

  /** Stores what the caller gave; comes back as `restore-stored`. */
  ingest(effect: IngestSnapshot): void {
    const { context } = this.#options
    const { request } = effect
    const stored = this.#store(effect).then(
      (id) => {
        this.#ingested.set(request, id)
        context.post({ type: 'restore-stored', request })
      },
      (cause: unknown) => {
        const error = new SnapshotError(messageOf(cause), { cause, outcome: 'rejected' })
        context.post({ type: 'restore-stored', request, error })
      },
    )
    this.#open.track(stored)
  }

  /**
   * Removes what was stored in vain; comes back as `snapshot-discarded`. If it cannot, the node stops: that snapshot must
   * not be sent, nor count after a restart.
   */
  discard({ snapshot }: DiscardSnapshot): void {
    const { context, snapshots } = this.#options
    const removed = removeSnapshot(snapshots, snapshot).then(() => context.post({ type: 'snapshot-discarded' }))
    this.#open.track(removedOrStopped(context, removed))
  }

  /** Ingests no more. Resolves once nothing is being stored or removed. */
  async stop(): Promise<void> {
    for (const bytes of this.#incoming) bytes.abandon(new RaftShutdownError())
    await this.#open.ended()
  }

  async #store({ request, snapshot }: IngestSnapshot): Promise<string> {
    const input = this.#inputs.get(request)
    if (input === undefined) throw new SnapshotError('the caller no longer waits')
    const { size, signal } = input
    const checkSize = (copied: number): void => {
      if (copied === size) return
      throw new SnapshotError(`failed to write snapshot, size didn't match (${copied} != ${size})`)
    }
    const data = new IncomingBytes(input.data)
    const abandon = (): void => data.abandon(new SnapshotError('the restore was aborted by the caller'))
    this.#incoming.add(data)
    signal?.addEventListener('abort', abandon)
    if (signal?.aborted === true) abandon()
    try {
      // With one more behind it the snapshot to go back to would be the third, which a store need not keep.
      await this.#options.snapshotter.abort()
      return await storeSnapshot(this.#options, { snapshot, data, size, checkSize })
    } finally {
      signal?.removeEventListener('abort', abandon)
      this.#incoming.delete(data)
    }
  }
}
