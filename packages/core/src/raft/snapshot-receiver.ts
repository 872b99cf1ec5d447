import type { InboundID, SnapshotPosition } from '../consensus/events.ts'
import type { SnapshotStore } from '../interfaces/snapshot-store.ts'
import type { RPC } from '../interfaces/transport.ts'
import { SnapshotError } from '../types/errors.ts'
import type { PeerCodec } from '../wire/codec/legacy-peers.ts'
import type { Context } from './context.ts'
import type { FSMCalls } from './fsm-calls.ts'
import { asError } from './settle.ts'
import { CountedSource } from './snapshot-source.ts'
import { storeSnapshot } from './snapshot-storing.ts'

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
    this.#receiving.add(receiving)
    void receiving.then(() => this.#receiving.delete(receiving))
  }

  /** The ID of a snapshot that was received; it is forgotten then. */
  take(inbound: InboundID): string | undefined {
    const id = this.#received.get(inbound)
    this.#received.delete(inbound)
    return id
  }

  /** Receives no more. Resolves once nothing is being stored. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#receiving)
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
