import { deepEqual, equal, fail, ok } from 'node:assert/strict'
import {
  type Configuration,
  type SnapshotDescription,
  type SnapshotMeta,
  type SnapshotReader,
  type SnapshotSink,
  type SnapshotStore,
} from '@raft/core'

/** A membership with every suffrage, and with names that are not plain. */
export const configuration: Configuration = {
  servers: [
    { suffrage: 'Voter', id: 'a', address: '127.0.0.1:8300' },
    { suffrage: 'Staging', id: 'ü<&>\u2028"\\', address: '[::1]:8302' },
    { suffrage: 'Nonvoter', id: 'b', address: '127.0.0.1:8301' },
  ],
}

/** What a snapshot stands for. */
export function describeSnapshot(term: number, index: number): SnapshotDescription {
  return { version: 1, index, term, configuration, configurationIndex: Math.min(2, index) }
}

/** Bytes that tell a state from others. */
export function stateBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at++) bytes[at] = (at * 7 + seed * 13 + (at >> 8)) & 0xff
  return bytes
}

/** Writes a snapshot to the end, and gives its ID. */
export async function takeSnapshot(
  store: SnapshotStore,
  description: SnapshotDescription,
  state: Uint8Array,
): Promise<string> {
  const sink = await store.create(description)
  await sink.write(state)
  await sink.close()
  return sink.id
}

/** All bytes that a reader gives. */
export async function drain(reader: SnapshotReader): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of reader) chunks.push(Uint8Array.from(chunk))
  return Buffer.concat(chunks)
}

/** Fails unless the store's newest snapshot is this one, with this state. */
export async function newestIs(
  store: SnapshotStore,
  id: string,
  description: SnapshotDescription,
  state: Uint8Array,
): Promise<void> {
  const [newest] = await store.list()
  ok(newest !== undefined, 'a snapshot is listed')
  deepEqual(metaFields(newest), metaFields({ ...description, id, size: state.length }))
  const reader = await store.open(id)
  deepEqual(metaFields(reader.meta), metaFields(newest), 'the reader has the same metadata')
  const read = await drain(reader)
  await reader.close()
  equal(read.length, state.length, 'bytes of the state')
  ok(read.equals(state), 'the state is as it was written')
}

/** All fields of the metadata in a form that compares. */
function metaFields(meta: SnapshotMeta): object {
  return {
    version: meta.version,
    id: meta.id,
    index: meta.index,
    term: meta.term,
    peers: meta.peers && Buffer.from(meta.peers).toString('hex'),
    servers: meta.configuration.servers.map(({ suffrage, id, address }) => ({ suffrage, id, address })),
    configurationIndex: meta.configurationIndex,
    size: meta.size,
  }
}

/** Fails unless nothing of the snapshot can be seen. */
export async function isAbsent(store: SnapshotStore, id: string): Promise<void> {
  const listed = await store.list()
  ok(!listed.some((meta) => meta.id === id), `${id} is not listed`)
  await rejects(async () => (await store.open(id)).close(), `open of ${id}`)
}

/** Fails unless the call throws or rejects. */
export async function rejects(call: () => unknown, what: string): Promise<void> {
  try {
    await call()
  } catch {
    return
  }
  fail(`${what} must reject`)
}

/** Fails unless `close` of a cancelled snapshot rejects: a success would let the log be compacted. */
export async function cannotClose(sink: SnapshotSink): Promise<void> {
  await rejects(() => sink.close(), 'close after cancel')
}
