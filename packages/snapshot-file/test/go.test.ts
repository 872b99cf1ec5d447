// Snapshots that hashicorp/raft v1.7.3 wrote; test/fixtures/go is the folder that it was given.
import { deepEqual, equal } from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Configuration, type SnapshotMeta } from '@raft/core'
import { FileSnapshotStore } from '@raft/snapshot-file'
import { afterAll, beforeAll, expect, test } from 'vitest'

const fixtures = join(import.meta.dirname, 'fixtures', 'go', 'snapshots')
const newest = '3-201-1795454140905'
const oldest = '2-100-1795454140903'

const configuration: Configuration = {
  servers: [
    { suffrage: 'Voter', id: 'a', address: '127.0.0.1:8300' },
    { suffrage: 'Nonvoter', id: 'b', address: '127.0.0.1:8301' },
    { suffrage: 'Staging', id: 'ü<&>\u2028', address: '[::1]:8302' },
  ],
}
// One legacy voter in MessagePack: an array of one text.
const peers = Uint8Array.from(Buffer.from('91ae3132372e302e302e313a38333030', 'hex'))

const metas: readonly SnapshotMeta[] = [
  { version: 1, id: newest, index: 201, term: 3, peers, configuration, configurationIndex: 41, size: 100_000 },
  { version: 1, id: oldest, index: 100, term: 2, peers, configuration, configurationIndex: 40, size: 0 },
]

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'raft-snapshots-go-'))
  cpSync(join(fixtures, '..'), folder, { recursive: true })
})
afterAll(() => rmSync(folder, { recursive: true }))

async function read(store: FileSnapshotStore, id: string): Promise<Buffer> {
  const reader = await store.open(id)
  const chunks: Uint8Array[] = []
  for await (const chunk of reader) chunks.push(chunk)
  await reader.close()
  return Buffer.concat(chunks)
}

test('its snapshots are listed with all they say', async () => {
  const store = await FileSnapshotStore.open({ dir: folder, retain: 5 })
  deepEqual(await store.list(), metas)
})

test('its snapshots open, with the bytes of their states', async () => {
  const store = await FileSnapshotStore.open({ dir: folder, retain: 5 })
  for (const id of [newest, oldest]) {
    expect((await read(store, id)).equals(readFileSync(join(fixtures, id, 'state.bin')))).toBe(true)
  }
})

test.each(metas.map((meta) => [meta.id, meta] as const))('%s is written again byte for byte', async (id, meta) => {
  const dir = mkdtempSync(join(tmpdir(), 'raft-snapshots-ours-'))
  const milliseconds = Number(id.split('-')[2])
  const wallTime = () => ({
    seconds: Math.floor(milliseconds / 1_000),
    nanoseconds: (milliseconds % 1_000) * 1_000_000,
  })
  const store = await FileSnapshotStore.open({ dir, retain: 1, clock: { wallTime } })
  const sink = await store.create(meta)
  equal(sink.id, id)
  await sink.write(readFileSync(join(fixtures, id, 'state.bin')))
  await sink.close()
  for (const name of ['meta.json', 'state.bin']) {
    const ours = readFileSync(join(dir, 'snapshots', id, name))
    expect(ours.equals(readFileSync(join(fixtures, id, name))), name).toBe(true)
  }
  rmSync(dir, { recursive: true })
})
