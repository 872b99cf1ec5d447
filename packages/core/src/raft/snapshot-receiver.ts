import type { InboundID, SnapshotPosition } from '../consensus/events.ts'
import type { SnapshotStore } from '../interfaces/snapshot-store.ts'
import type { RPC } from '../interfaces/transport.ts'
import { SnapshotError } from '../types/errors.ts'
import type { PeerCodec } from '../wire/codec/legacy-peers.ts'
import type { Context } from './context.ts'
import type { FSMCalls } from './fsm-calls.ts'
import { IncomingBytes } from './incoming-bytes.ts'
import { OpenWork } from './open-work.ts'
import { asError } from './settle.ts'
import { CountedSource } from './snapshot-source.ts'
import { removedOrStopped, storeSnapshot } from './snapshot-storing.ts'

/** What receiving snapshots takes. */
export interface SnapshotReceiverOptions {
  readonly context: Context
  readonly snapshots: SnapshotStore
  readonly codec: PeerCodec
}

/** Puts the snapshots that a leader sends into the store. */
export class SnapshotReceiver {
  readonly #options: SnapshotReceiverOptions
  /** The IDs of snapshots that are received and not restored. */
  readonly #received = new Map<InboundID, string>()
  /** What still comes in. */
  readonly #incoming = new Map<InboundID, IncomingBytes>()
  /** What is being stored or removed. */
  readonly #open = new OpenWork()

  constructor(options: SnapshotReceiverOptions) {
    this.#options = options
  }

  /** Stores the bytes that follow the request; comes back as `snapshot-received`. */
  receive(inbound: InboundID, snapshot: SnapshotPosition, rpc: RPC<'installSnapshot'> | undefined): void {
    const { context } = this.#options
    const received = this.#store(inbound, snapshot, rpc).then(
      (id) => {
        this.#received.set(inbound, id)
        context.post({ type: 'snapshot-received', inbound })
      },
      (error: unknown) => context.post({ type: 'snapshot-received', inbound, error: asError(error) }),
    )
    this.#open.track(received.then(() => void this.#incoming.delete(inbound)))
  }

  /** Waits no longer for bytes that may never come, and leaves nothing. What has been received whole is not affected. */
  abandon(inbound: InboundID): void {
    this.#incoming.get(inbound)?.abandon(new SnapshotError('there is a newer term'))
  }

  /** Removes a snapshot that was received in vain. If it cannot, the node stops: it must not count after a restart. */
  drop(inbound: InboundID): void {
    const { context, snapshots } = this.#options
    const id = this.take(inbound)
    if (id === undefined) return
    const remove = async (): Promise<void> => await snapshots.remove?.(id)
    this.#open.track(removedOrStopped(context, remove()))
  }

  /** The ID of a snapshot that was received; it is forgotten then. */
  take(inbound: InboundID): string | undefined {
    const id = this.#received.get(inbound)
    this.#received.delete(inbound)
    return id
  }

  /** Receives no more. Resolves once nothing is being stored or removed. */
  async stop(): Promise<void> {
    for (const bytes of this.#incoming.values()) bytes.abandon(new SnapshotError('this server is shutting down'))
    await this.#open.ended()
  }

  async #store(
    inbound: InboundID,
    snapshot: SnapshotPosition,
    rpc: RPC<'installSnapshot'> | undefined,
  ): Promise<string> {
    if (rpc?.reader === undefined) throw new SnapshotError('the request for a snapshot has no data')
    const { size } = rpc.command
    const checkSize = (copied: number): void => {
      if (copied < size) throw new SnapshotError('short read')
      if (copied > size) throw new SnapshotError(`the snapshot has more than the ${size} bytes announced`)
    }
    const data = new IncomingBytes(rpc.reader)
    this.#incoming.set(inbound, data)
    return storeSnapshot(this.#options, { snapshot, data, size, checkSize })
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
