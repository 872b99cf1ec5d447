import type { InboundID, SnapshotPosition } from '../consensus/events.ts'
import type { SnapshotStore } from '../interfaces/snapshot-store.ts'
import type { RPC } from '../interfaces/transport.ts'
import { SnapshotError, StoreError } from '../types/errors.ts'
import type { PeerCodec } from '../wire/codec/legacy-peers.ts'
import type { Context } from './context.ts'
import type { FSMCalls } from './fsm-calls.ts'
import { asError, messageOf } from './settle.ts'
import { CountedSource } from './snapshot-source.ts'
import { storeSnapshot } from './snapshot-storing.ts'

/** What receiving snapshots takes. */
export interface SnapshotReceiverOptions {
  readonly context: Context
  readonly snapshots: SnapshotStore
  readonly codec: PeerCodec
  /** The term of this server. */
  readonly term: () => number
}

/** Puts the snapshots that a leader sends into the store. */
export class SnapshotReceiver {
  readonly #options: SnapshotReceiverOptions
  /** The IDs of snapshots that are received and not restored. */
  readonly #received = new Map<InboundID, string>()
  /** What is being stored or removed. */
  readonly #receiving = new Set<Promise<void>>()
  #stopped = false

  constructor(options: SnapshotReceiverOptions) {
    this.#options = options
  }

  /** Stores the bytes that follow the request; comes back as `snapshot-received`. */
  receive(inbound: InboundID, snapshot: SnapshotPosition, rpc: RPC<'installSnapshot'> | undefined): void {
    const { context } = this.#options
    const receiving = this.#store(snapshot, rpc).then(
      (id) => {
        this.#received.set(inbound, id)
        context.post({ type: 'snapshot-received', inbound })
      },
      (error: unknown) => context.post({ type: 'snapshot-received', inbound, error: asError(error) }),
    )
    this.#track(receiving)
  }

  /** Removes a snapshot that was received in vain. If it cannot, the node stops: it must not count after a restart. */
  drop(inbound: InboundID): void {
    const { context, snapshots } = this.#options
    const id = this.take(inbound)
    if (id === undefined) return
    const remove = async (): Promise<void> => await snapshots.remove?.(id)
    this.#track(
      remove().catch((cause: unknown) =>
        context.fail(new StoreError(`failed to remove a snapshot: ${messageOf(cause)}`, { cause })),
      ),
    )
  }

  /** The ID of a snapshot that was received; it is forgotten then. */
  take(inbound: InboundID): string | undefined {
    const id = this.#received.get(inbound)
    this.#received.delete(inbound)
    return id
  }

  /** Receives no more. Resolves once nothing is being stored or removed. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#receiving)
  }

  #track(work: Promise<void>): void {
    this.#receiving.add(work)
    void work.then(() => this.#receiving.delete(work))
  }

  async #store(snapshot: SnapshotPosition, rpc: RPC<'installSnapshot'> | undefined): Promise<string> {
    if (rpc?.reader === undefined) throw new SnapshotError('the request for a snapshot has no data')
    const { size } = rpc.command
    const checkSize = (copied: number): void => {
      if (copied < size) throw new SnapshotError('short read')
      if (copied > size) throw new SnapshotError(`the snapshot has more than the ${size} bytes announced`)
    }
    const checkWanted = (): void => {
      if (this.#stopped) throw new SnapshotError('this server is shutting down')
      if (rpc.command.term < this.#options.term()) throw new SnapshotError('there is a newer term')
    }
    return storeSnapshot(this.#options, { snapshot, data: rpc.reader, size, checkSize, checkWanted })
  }
}

/** Gives a stored snapshot to the FSM. */
export async function restoreFSM(
  options: { readonly snapshots: SnapshotStore; readonly calls: FSMCalls },
  id: string,
): Promise<void> {
  const reader = await options.snapshots.open(id)
  try {
    await options.calls.restore(new CountedSource(reader))
  } finally {
    await reader.close()
  }
}
