import type { SendSnapshot } from '../consensus/effects.ts'
import type { SnapshotReader, SnapshotStore } from '../interfaces/snapshot-store.ts'
import type { Transport } from '../interfaces/transport.ts'
import { SnapshotError } from '../types/errors.ts'
import type { Position } from '../types/log.ts'
import type { InstallSnapshotResponse, RPCHeader } from '../types/messages.ts'
import { encodeConfiguration } from '../wire/codec/configuration.ts'

/** What sending a snapshot takes. */
export interface SnapshotSenderOptions {
  readonly transport: Transport
  readonly snapshots: SnapshotStore
  readonly header: () => RPCHeader
  /** Whether a snapshot at the position is of the log of this leader. */
  readonly isOfLog: (position: Position) => boolean
}

/** The answer to a snapshot, and the last entry that it had. */
export interface SentSnapshot extends InstallSnapshotResponse {
  readonly index: number
}

/**
 * Sends the newest snapshot of the store to a peer and waits for the answer. One that is not of the log does not count: of a
 * restore, or of another leader, that came to nothing and is not removed yet.
 */
export async function sendSnapshot(effect: SendSnapshot, options: SnapshotSenderOptions): Promise<SentSnapshot> {
  const newest = (await options.snapshots.list()).find(options.isOfLog)
  if (newest === undefined) throw new SnapshotError('no snapshots found')
  const reader = await options.snapshots.open(newest.id)
  try {
    return await transfer(effect, reader, options)
  } finally {
    await reader.close()
  }
}

async function transfer(
  effect: SendSnapshot,
  reader: SnapshotReader,
  { transport, header }: SnapshotSenderOptions,
): Promise<SentSnapshot> {
  const { meta } = reader
  const own = header()
  const request = {
    header: own,
    snapshotVersion: meta.version,
    term: effect.term,
    leader: own.address,
    lastLogIndex: meta.index,
    lastLogTerm: meta.term,
    peers: meta.peers,
    configuration: encodeConfiguration(meta.configuration),
    configurationIndex: meta.configurationIndex,
    size: meta.size,
  }
  return { ...(await transport.installSnapshot(effect.to, request, reader)), index: meta.index }
}
