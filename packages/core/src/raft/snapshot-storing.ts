import type { SnapshotPosition } from '../consensus/events.ts'
import type { SnapshotSink, SnapshotStore } from '../interfaces/snapshot-store.ts'
import { SnapshotError, StoreError } from '../types/errors.ts'
import type { Position } from '../types/log.ts'
import { SNAPSHOT_VERSION_MAX } from '../types/versions.ts'
import { encodePeers, type PeerCodec } from '../wire/codec/legacy-peers.ts'
import type { Context } from './context.ts'
import type { IncomingBytes } from './incoming-bytes.ts'
import { messageOf } from './settle.ts'

/** Bytes that are to become a snapshot. */
export interface SnapshotBytes {
  readonly snapshot: SnapshotPosition
  readonly data: IncomingBytes
  /** Bytes that are expected; what is beyond them is not written. */
  readonly size: number
  /** Throws if so many bytes are not what was expected. */
  readonly checkSize: (copied: number) => void
}

/** Puts bytes from outside into the store as a snapshot, durably, or leaves nothing. Returns its ID. */
export async function storeSnapshot(
  { snapshots, codec }: { readonly snapshots: SnapshotStore; readonly codec: PeerCodec },
  bytes: SnapshotBytes,
): Promise<string> {
  const { index, term, configuration, configurationIndex } = bytes.snapshot
  const peers = encodePeers(configuration, codec)
  const description = { version: SNAPSHOT_VERSION_MAX, index, term, configuration, configurationIndex, peers }
  const sink = await doing('create', async () => snapshots.create(description))
  try {
    await copy(sink, bytes)
  } catch (error) {
    await sink.cancel()
    throw error
  }
  await doing('close', async () => sink.close())
  return sink.id
}

async function copy(sink: SnapshotSink, { data, size, checkSize }: SnapshotBytes): Promise<void> {
  let copied = 0
  for await (const chunk of data) {
    copied += chunk.length
    if (copied > size) break
    await doing('write', async () => sink.write(chunk))
  }
  checkSize(copied)
}

async function doing<T>(step: 'create' | 'write' | 'close', act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw new SnapshotError(`failed to ${step} snapshot: ${messageOf(error)}`, { cause: error })
  }
}

/** Removes the snapshots at the position, as far as the store can. */
export async function removeSnapshot(snapshots: SnapshotStore, position: Position): Promise<void> {
  for (const { id, index, term } of await snapshots.list()) {
    if (index === position.index && term === position.term) await snapshots.remove?.(id)
  }
}

/** Stops the node if a snapshot cannot be removed: it must not be sent, nor count after a restart. */
export function removedOrStopped(context: Context, removed: Promise<void>): Promise<void> {
  return removed.catch((cause: unknown) =>
    context.fail(new StoreError(`failed to remove a snapshot: ${messageOf(cause)}`, { cause })),
  )
}
