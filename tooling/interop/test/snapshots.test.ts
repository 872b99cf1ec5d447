// Snapshot folders that hashicorp/raft wrote: ours read as it reads them, and written again byte for byte.
import { createHash } from 'node:crypto'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isRaftError, type SnapshotMeta } from '@raft/core'
import { FileSnapshotStore } from '@raft/snapshot-file'
import { decodeSnapshot, encodeSnapshot } from '@raft-tooling/demo/snapshot-format'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fixtures, goMeta, type GoServer, linesOf, ourServers } from './support/fixtures.ts'

interface Listed {
  readonly folder: string
  readonly place: number
  readonly hash: string
  readonly error: string
  readonly meta: {
    readonly Version: number
    readonly ID: string
    readonly Index: number
    readonly Term: number
    readonly Peers: string | null
    readonly Configuration: { readonly Servers: readonly GoServer[] | null }
    readonly ConfigurationIndex: number
    readonly Size: number
  }
}

const listed = linesOf<Listed>('snapshots.jsonl')
const folders = [...new Set(listed.map(({ folder }) => folder))]
/** Ours refuses what cannot be a `number` exactly. */
const unsafe = 'beyond-safe-numbers'

let temporary: string
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'interop-snapshots-'))
})
afterEach(() => rm(temporary, { recursive: true }))

for (const folder of [...folders, 'unknown-version', 'left-over']) {
  test(`${folder}: the same snapshots, in the same order, with the same bytes`, async () => {
    const store = await openCopy(folder)
    const expected = listed.filter((each) => each.folder === folder && folder !== unsafe)
    const metas = await store.list()
    expect(metas.map((meta) => goMeta(meta))).toEqual(expected.map(({ meta }) => meta))
    for (const [place, { hash, error }] of expected.entries()) {
      const read = await readWhole(store, metas[place]!).catch((caught: unknown) => caught)
      if (error === '') expect(hashOf(read as Uint8Array)).toBe(hash)
      else expect([error, isRaftError(read, 'ERR_RAFT_CORRUPT')]).toEqual(['CRC mismatch', true])
    }
  })
}

for (const folder of folders.filter((each) => !['version-0', 'wrong-sum', unsafe].includes(each))) {
  test(`${folder}: written by us, the files are the same`, async () => {
    for (const { meta } of listed.filter((each) => each.folder === folder)) {
      const theirs = fileURLToPath(new URL(`snapshots/${folder}/snapshots/${meta.ID}/`, fixtures))
      const ours = await write(meta, await readFile(join(theirs, 'state.bin')))
      expect(await text(join(ours, 'meta.json'))).toBe(replacements(await text(join(theirs, 'meta.json'))))
      expect(await readFile(join(ours, 'state.bin'))).toEqual(await readFile(join(theirs, 'state.bin')))
    }
  })
}

test('the state of a Go machine opens in ours, and ours writes the same bytes', async () => {
  for (const folder of ['suffrages', 'one-server']) {
    const store = await openCopy(folder)
    const bytes = await readWhole(store, (await store.list())[0]!)
    const state = await decodeSnapshot(chunksOf(bytes))
    expect(state.entries.size).toBe(folder === 'suffrages' ? 20 : 1)
    expect(Buffer.concat([...encodeSnapshot(state)])).toEqual(Buffer.from(bytes))
  }
})

async function openCopy(folder: string): Promise<FileSnapshotStore> {
  const dir = join(temporary, folder)
  await cp(fileURLToPath(new URL(`snapshots/${folder}/`, fixtures)), dir, { recursive: true })
  return FileSnapshotStore.open({ dir, retain: 100 })
}

async function readWhole(store: FileSnapshotStore, { id }: SnapshotMeta): Promise<Uint8Array> {
  const reader = await store.open(id)
  const chunks: Uint8Array[] = []
  for await (const chunk of reader) chunks.push(chunk.slice())
  await reader.close()
  return Buffer.concat(chunks)
}

async function write(meta: Listed['meta'], state: Uint8Array): Promise<string> {
  const milliseconds = Number(meta.ID.split('-')[2])
  const time = { seconds: Math.floor(milliseconds / 1_000), nanoseconds: (milliseconds % 1_000) * 1_000_000 }
  const store = await FileSnapshotStore.open({ dir: temporary, retain: 100, clock: { wallTime: () => time } })
  const sink = await store.create({
    version: 1,
    index: meta.Index,
    term: meta.Term,
    peers: meta.Peers === null ? undefined : Buffer.from(meta.Peers, 'hex'),
    configuration: { servers: ourServers(meta.Configuration.Servers) },
    configurationIndex: meta.ConfigurationIndex,
  })
  await sink.write(state)
  await sink.close()
  return join(temporary, 'snapshots', sink.id)
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100) yield bytes.subarray(at, at + 100)
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const text = (path: string): Promise<string> => readFile(path, 'utf8')
/** Go escapes what was no UTF-8; once read, it is a character like others, and stands for itself. */
const replacements = (json: string): string => json.replaceAll('\\ufffd', '\ufffd')
