// What a server tells of itself; the same as go/node/report.go.
import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { isRaftError, type Log, type Server, type SnapshotMeta, type SnapshotStore } from '@raft/core'
import { FileSnapshotStore } from '@raft/snapshot-file'
import { KeyValueState } from '@raft-tooling/demo/key-value-state'
import { encodeSnapshot } from '@raft-tooling/demo/snapshot-format'
import type { LogRow, PeerStats, ServerRow, SnapshotRow, Summary } from '../control/protocol.ts'
import type { TSPeer } from './peer.ts'

export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

export async function statsOf({ raft, logs, options }: TSPeer): Promise<PeerStats> {
  return {
    id: options.config.localID,
    kind: 'ts',
    version: process.version,
    state: raft.state,
    term: raft.currentTerm,
    leader: raft.leader?.id ?? '',
    leaderAddress: raft.leader?.address ?? '',
    firstIndex: await logs.firstIndex(),
    lastIndex: raft.lastIndex,
    commitIndex: raft.commitIndex,
    appliedIndex: raft.appliedIndex,
    snapshotIndex: Number(raft.stats().last_snapshot_index),
  }
}

/** Goes on serving meanwhile, since a large state takes a while to hash. */
export async function summaryOf({ machine }: TSPeer): Promise<Summary> {
  const state = new KeyValueState(machine.state)
  const hash = createHash('sha256')
  for (const chunk of encodeSnapshot(state)) {
    hash.update(chunk)
    await setImmediate()
  }
  const { applied, digest, members, entries } = state
  return {
    applied,
    digest: Buffer.from(digest).toString('hex'),
    members: members.size,
    entries: entries.size,
    hash: hash.digest('hex'),
    restored: machine.restored.times,
  }
}

export function dumpOf({ machine }: TSPeer): unknown[] {
  return [...machine.state.entries].map(([key, { value, index, version }]) => [key, base64(value), index, version])
}

/** The entries that are there: a user's restore leaves a hole. */
export async function logOf({ logs }: TSPeer, from: number, through: number): Promise<LogRow[]> {
  const rows: LogRow[] = []
  for (let index = from; index <= through; index++) {
    try {
      rows.push(logRow(await logs.getLog(index)))
    } catch (error) {
      if (!isRaftError(error, 'ERR_RAFT_LOG_NOT_FOUND')) throw error
    }
  }
  return rows
}

function logRow({ index, term, type, data, extensions }: Log): LogRow {
  const hash = createHash('sha256')
  for (const part of [data, extensions]) {
    if (part === undefined) hash.update('nil;')
    else hash.update(`${part.length};`).update(part)
  }
  return { index, term, type, hash: hash.digest('hex') }
}

export const serversOf = (servers: readonly Server[]): ServerRow[] =>
  servers.map(({ id, address, suffrage }) => ({ id, address, suffrage }))

/** The snapshots of a folder, each read to its end. */
export async function inspect(folder: string): Promise<SnapshotRow[]> {
  const store = await FileSnapshotStore.open({ dir: folder, retain: 1_000 })
  const rows: SnapshotRow[] = []
  for (const meta of await store.list()) rows.push({ ...rowOf(meta), ...(await hashOf(store, meta)) })
  return rows
}

function rowOf(meta: SnapshotMeta): SnapshotRow {
  return {
    id: meta.id,
    version: meta.version,
    index: meta.index,
    term: meta.term,
    configurationIndex: meta.configurationIndex,
    servers: serversOf(meta.configuration.servers),
    peers: meta.peers === undefined ? null : base64(meta.peers),
    size: meta.size,
  }
}

async function hashOf(store: SnapshotStore, { id }: SnapshotMeta): Promise<{ hash: string } | { error: string }> {
  try {
    const reader = await store.open(id)
    const hash = createHash('sha256')
    for await (const chunk of reader) hash.update(chunk)
    await reader.close()
    return { hash: hash.digest('hex') }
  } catch (error) {
    return { error: (error as Error).message }
  }
}
