// The cases about power cuts and damage notice a store of snapshots in files that has one thing wrong.
import { deepEqual, equal } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { SnapshotDescription, SnapshotMeta, SnapshotReader, SnapshotSink, SnapshotStore } from '@raft/core'
import { test } from 'vitest'
import { concatBytes } from '../../src/bytes.ts'
import { checkSnapshotStore, describeReport, type StoreSetup } from '../../src/conformance/index.ts'

type Wrong = 'nothing' | 'shows what is unfinished' | 'checks nothing' | 'keeps what is closed in memory'

/** Snapshots as files: `<id>` is what is written, `<id>.whole` what was closed. */
class FolderStore implements SnapshotStore {
  readonly folder: string
  readonly #wrong: Wrong
  readonly #unwritten = new Map<string, Buffer>()
  #made = 0

  constructor(folder: string, wrong: Wrong) {
    this.folder = folder
    this.#wrong = wrong
  }

  async create(description: SnapshotDescription): Promise<SnapshotSink> {
    const { term, index } = description
    if (description.version !== 1) throw new Error('only version 1')
    const order = [term, index, ++this.#made].map((part) => String(part).padStart(16, '0'))
    const id = order.join('-')
    const path = join(this.folder, id)
    const chunks: Uint8Array[] = []
    let state: 'open' | 'closed' | 'cancelled' = 'open'
    const save = async (): Promise<void> => await writeFile(path, encode({ ...description, id }, concatBytes(chunks)))
    return {
      id,
      write: async (chunk) => {
        chunks.push(chunk.slice())
        await save()
      },
      close: async () => {
        if (state === 'cancelled') throw new Error('it is cancelled')
        if (state === 'closed') return
        state = 'closed'
        await save()
        if (this.#wrong === 'keeps what is closed in memory') {
          this.#unwritten.set(id, await readFile(path))
          await rm(path)
        } else await rename(path, `${path}.whole`)
      },
      cancel: async () => {
        if (state === 'open') await rm(path, { force: true })
        if (state === 'open') state = 'cancelled'
      },
    }
  }

  async list(): Promise<readonly SnapshotMeta[]> {
    const found = [...(await this.#files()).values()].map((bytes) => this.#decode(bytes))
    const metas = found.flatMap((each) => (each === undefined ? [] : [each.meta]))
    return metas.sort((one, other) => (one.id < other.id ? 1 : -1))
  }

  async open(id: string): Promise<SnapshotReader> {
    const bytes = (await this.#files()).get(id)
    const found = bytes && this.#decode(bytes)
    if (found === undefined) throw new Error(`there is no ${id}, or it is damaged`)
    return {
      meta: found.meta,
      async *[Symbol.asyncIterator]() {
        yield await Promise.resolve(found.state)
      },
      close: () => {},
    }
  }

  async #files(): Promise<ReadonlyMap<string, Buffer>> {
    const files = new Map(this.#unwritten)
    for (const name of await readdir(this.folder)) {
      const whole = name.endsWith('.whole')
      if (!whole && this.#wrong !== 'shows what is unfinished') continue
      files.set(name.replace(/\.whole$/, ''), await readFile(join(this.folder, name)))
    }
    return files
  }

  #decode(bytes: Buffer): { meta: SnapshotMeta; state: Uint8Array } | undefined {
    try {
      const [, sum, head] = /^([0-9a-f]{64}) (.*)\n/.exec(bytes.toString('latin1'))!
      const rest = bytes.subarray(65)
      if (this.#wrong !== 'checks nothing' && hash(rest) !== sum) return undefined
      const state = rest.subarray(rest.indexOf(10) + 1)
      const { peers, ...meta } = JSON.parse(Buffer.from(head!, 'latin1').toString()) as SnapshotMeta & {
        peers?: string
      }
      return { meta: { ...meta, size: state.length, ...(peers && { peers: Buffer.from(peers, 'hex') }) }, state }
    } catch {
      return undefined
    }
  }
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function encode(meta: Omit<SnapshotMeta, 'size'>, state: Uint8Array): Buffer {
  const head = JSON.stringify({ ...meta, peers: meta.peers && Buffer.from(meta.peers).toString('hex') })
  const rest = Buffer.concat([Buffer.from(`${head}\n`), state])
  return Buffer.concat([Buffer.from(`${hash(rest)} `), rest])
}

function setupOf(wrong: Wrong): StoreSetup<FolderStore> {
  return {
    create: async () => {
      const folder = join(await mkdtemp(join(tmpdir(), 'raft-snapshots-')), 'data')
      await mkdir(folder)
      return new FolderStore(folder, wrong)
    },
    reopen: ({ folder }) => new FolderStore(folder, wrong),
    dispose: ({ folder }) => rm(folder.endsWith('data') ? dirname(folder) : folder, { recursive: true }),
    crash: { folder: ({ folder }) => folder, open: (folder) => new FolderStore(folder, wrong), detectsDamage: true },
  }
}

test('a right one passes', async () => {
  const report = await checkSnapshotStore(setupOf('nothing'))
  deepEqual(report.failed, [])
  equal(
    describeReport(report),
    'SnapshotStore contract 1: 21 passed, 2 skipped, 0 failed\n' +
      '  skipped: discards what is written, if it declares that (the store keeps snapshots)\n' +
      '  skipped: removes the newest, and the one before it is the newest again, for good (the store has no remove)',
  )
})

const cases: readonly (readonly [Wrong, RegExp])[] = [
  ['shows what is unfinished', /a power cut while a snapshot is written/],
  ['checks nothing', /changed on the disk/],
  ['keeps what is closed in memory', /was closed is there after a power cut/],
]
for (const [wrong, expected] of cases) {
  test(`one that ${wrong} is noticed`, async () => {
    const { failed } = await checkSnapshotStore(setupOf(wrong))
    const names = failed.map(({ name }) => name)
    equal(names.filter((name) => expected.test(name)).length, 1, names.join('; '))
  })
}
