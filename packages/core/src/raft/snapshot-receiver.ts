import type { RestoreSnapshot } from '../consensus/effects.ts'
import type { InboundID, SnapshotPosition } from '../consensus/events.ts'
import type { SnapshotSink, SnapshotStore } from '../interfaces/snapshot-store.ts'
import type { RPC } from '../interfaces/transport.ts'
import { SnapshotError } from '../types/errors.ts'
import { SNAPSHOT_VERSION_MAX } from '../types/versions.ts'
import { encodePeers, type PeerCodec } from '../wire/codec/legacy-peers.ts'
import type { Applier, RestoreJob } from './applier.ts'
import type { Context } from './context.ts'
import type { FSMCalls } from './fsm-calls.ts'
import { asError, messageOf } from './settle.ts'
import { CountedSource } from './snapshot-source.ts'
import type { Snapshotter } from './snapshotter.ts'

/** What receiving and restoring snapshots takes. */
export interface SnapshotReceiverOptions {
  readonly context: Context
  readonly snapshots: SnapshotStore
  readonly codec: PeerCodec
  readonly calls: FSMCalls
  readonly applier: Applier
  readonly snapshotter: Snapshotter
}

/** Puts the snapshots that a leader sends into the store, and from there into the FSM. */
export class SnapshotReceiver {
  readonly #options: SnapshotReceiverOptions
  /** The IDs of snapshots that are received and not restored. */
  readonly #received = new Map<InboundID, string>()
  #receiving = new Set<Promise<void>>()
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

  /** Restores the FSM from what was received; comes back as `applied`. */
  restore({ inbound, snapshot }: RestoreSnapshot): void {
    const { applier, snapshotter } = this.#options
    const id = this.#received.get(inbound)
    this.#received.delete(inbound)
    const run = async (): Promise<void> => {
      await snapshotter.abort()
      if (id === undefined) throw new SnapshotError('the snapshot was never received')
      await restoreFSM(this.#options, id)
    }
    const job: RestoreJob = { index: snapshot.index, term: snapshot.term, run }
    applier.restore(job)
  }

  /** Receives no more. Resolves once nothing is being stored. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#receiving)
  }

  async #store(snapshot: SnapshotPosition, rpc: RPC<'installSnapshot'> | undefined): Promise<string> {
    if (rpc?.reader === undefined) throw new SnapshotError('the request for a snapshot has no data')
    const { index, term, configuration, configurationIndex } = snapshot
    const peers = encodePeers(configuration, this.#options.codec)
    const description = { version: SNAPSHOT_VERSION_MAX, index, term, configuration, configurationIndex, peers }
    const sink = await this.#create(description)
    try {
      await this.#copy(rpc.reader, sink, rpc.command.size)
    } catch (error) {
      await sink.cancel()
      throw error
    }
    try {
      await sink.close()
    } catch (error) {
      throw new SnapshotError(`failed to close snapshot: ${messageOf(error)}`, { cause: error })
    }
    return sink.id
  }

  async #create(description: Parameters<SnapshotStore['create']>[0]): Promise<SnapshotSink> {
    try {
      return await this.#options.snapshots.create(description)
    } catch (error) {
      throw new SnapshotError(`failed to create snapshot: ${messageOf(error)}`, { cause: error })
    }
  }

  async #copy(source: AsyncIterable<Uint8Array>, sink: SnapshotSink, size: number): Promise<void> {
    let copied = 0
    for await (const chunk of source) {
      if (this.#stopped) throw new SnapshotError('this server is shutting down')
      await sink.write(chunk)
      copied += chunk.length
      if (copied > size) throw new SnapshotError(`the snapshot has more than the ${size} bytes announced`)
    }
    if (copied < size) throw new SnapshotError('short read')
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
