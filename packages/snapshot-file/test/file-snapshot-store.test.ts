import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { expect, test } from 'vitest'
import { FileSnapshotStore } from '../src/index.ts'
import { describeSnapshot, readState, runLimited, takeSnapshot, TemporaryFolder, Warnings } from './stores.ts'

test('refuses to keep nothing', async () => {
  using folder = new TemporaryFolder()
  for (const retain of [0, -1, 1.5]) {
    await expect(FileSnapshotStore.open({ dir: folder.path, retain })).rejects.toThrow(
      'must retain at least one snapshot',
    )
  }
})

test('makes the folders that are missing, and says so if it cannot', async () => {
  using folder = new TemporaryFolder()
  await FileSnapshotStore.open({ dir: folder.at('a', 'b'), retain: 1 })
  ok(existsSync(folder.at('a', 'b', 'snapshots')))
  writeFileSync(folder.at('file'), '')
  await expect(FileSnapshotStore.open({ dir: folder.at('file'), retain: 1 })).rejects.toThrow(
    /^snapshot path not accessible: /,
  )
})

test('says so if it cannot write', async () => {
  using folder = new TemporaryFolder()
  // Modes do not bind the super-user, but a folder in place of the file that is tried does.
  mkdirSync(folder.at('snapshots', 'permTest'), { recursive: true })
  await expect(FileSnapshotStore.open({ dir: folder.path, retain: 1 })).rejects.toThrow(/^permissions test failed: /)
})

test('makes files for their owner alone, and leaves nothing else', async () => {
  using folder = new TemporaryFolder()
  const store = await FileSnapshotStore.open({ dir: folder.path, retain: 1 })
  const id = await takeSnapshot(store, 1, 1)
  deepEqual(readdirSync(folder.at('snapshots')), [id])
  deepEqual(readdirSync(folder.at('snapshots', id)).toSorted(), ['meta.json', 'state.bin'])
  if (process.platform === 'win32') return
  const mode = (...names: string[]): number => statSync(folder.at('snapshots', ...names)).mode & 0o777
  deepEqual([mode(), mode(id), mode(id, 'meta.json'), mode(id, 'state.bin')], [0o700, 0o700, 0o600, 0o600])
})

test('makes its folder again if it was removed', async () => {
  using folder = new TemporaryFolder()
  const store = await FileSnapshotStore.open({ dir: folder.path, retain: 1 })
  rmSync(folder.at('snapshots'), { recursive: true })
  deepEqual(await store.list(), [])
  equal((await readState(store, await takeSnapshot(store, 1, 1))).toString(), 'state')
})

test('keeps the newest `retain`, by term before index', async () => {
  using folder = new TemporaryFolder()
  const store = await FileSnapshotStore.open({ dir: folder.path, retain: 2 })
  for (const [term, index] of [
    [1, 900],
    [2, 5],
    [2, 30],
    [3, 1],
    [2, 31],
  ] as const) {
    await takeSnapshot(store, term, index)
  }
  deepEqual(
    (await store.list()).map(({ term, index }) => [term, index]),
    [
      [3, 1],
      [2, 31],
    ],
  )
  equal(readdirSync(folder.at('snapshots')).length, 2)
})

test('keeps the one that was closed last until the next one is, though it is older than the others', async () => {
  using folder = new TemporaryFolder()
  const store = await FileSnapshotStore.open({ dir: folder.path, retain: 1 })
  const wrong = await takeSnapshot(store, 3, 120, 'wrong')
  const right = await takeSnapshot(store, 3, 100, 'right')
  const ids = async (): Promise<string[]> => (await store.list()).map(({ id }) => id)
  deepEqual(await ids(), [wrong, right])
  equal((await readState(store, right)).toString(), 'right')
  const next = await takeSnapshot(store, 4, 130)
  deepEqual(await ids(), [next])
  ok(!readdirSync(folder.at('snapshots')).includes(right))
})

test('a removed snapshot gives way to the one before it, also where only one is kept', async () => {
  using folder = new TemporaryFolder()
  const store = await FileSnapshotStore.open({ dir: folder.path, retain: 1 })
  const before = await takeSnapshot(store, 3, 100, 'before')
  const wrong = await takeSnapshot(store, 3, 900, 'wrong')
  await store.remove(wrong)
  deepEqual(readdirSync(folder.at('snapshots')), [before])
  equal((await readState(store, before)).toString(), 'before')
  await rejects(store.remove('../snapshots'), /is not the name of a snapshot/)
})

test('a store that keeps fewer lists fewer at once, and removes the others when it is told to', async () => {
  using folder = new TemporaryFolder()
  const many = await FileSnapshotStore.open({ dir: folder.path, retain: 5 })
  for (let index = 1; index <= 5; index++) await takeSnapshot(many, 1, index)
  const few = await FileSnapshotStore.open({ dir: folder.path, retain: 2 })
  equal((await few.list()).length, 2)
  equal(readdirSync(folder.at('snapshots')).length, 5)
  await few.reapSnapshots()
  equal(readdirSync(folder.at('snapshots')).length, 2)
})

test('removes what a crash left, and nothing that it does not know', async () => {
  using folder = new TemporaryFolder()
  const snapshots = folder.at('snapshots')
  for (const name of ['1-2-1700000000000.tmp', '1-2-17.tmp', 'notes.tmp', 'mine']) {
    mkdirSync(join(snapshots, name, 'inside'), { recursive: true })
  }
  writeFileSync(join(snapshots, '1-3-1700000000000.tmp'), 'a file')
  const store = await FileSnapshotStore.open({ dir: folder.path, retain: 1 })
  deepEqual(readdirSync(snapshots).toSorted(), ['1-3-1700000000000.tmp', 'mine', 'notes.tmp'])
  deepEqual(await store.list(), [])
})

test('gives another name to a snapshot of the same term, index and millisecond', async () => {
  using folder = new TemporaryFolder()
  const clock = { wallTime: () => ({ seconds: 1_700_000_000, nanoseconds: 5_999_999 }) }
  const store = await FileSnapshotStore.open({ dir: folder.path, retain: 5, clock })
  const sinks = [await store.create(describeSnapshot(1, 1)), await store.create(describeSnapshot(1, 1))]
  sinks.push(...(await Promise.all([1, 2].map(() => store.create(describeSnapshot(1, 1))))))
  for (const sink of sinks) await sink.close()
  const last = await takeSnapshot(store, 1, 1)
  deepEqual(
    [...sinks.map(({ id }) => id), last].toSorted(),
    [5, 6, 7, 8, 9].map((at) => `1-1-170000000000${at}`),
  )
  equal((await store.list()).length, 5)
})

test('skips what is no snapshot, and tells the logger', async () => {
  using folder = new TemporaryFolder()
  const warnings = new Warnings()
  const store = await FileSnapshotStore.open({ dir: folder.path, retain: 9, logger: warnings })
  const id = await takeSnapshot(store, 1, 1)
  const snapshots = folder.at('snapshots')
  writeFileSync(join(snapshots, 'file'), '')
  symlinkSync(join(snapshots, id), join(snapshots, '9-9-1700000000000'))
  deepEqual(warnings.texts, [])
  mkdirSync(join(snapshots, 'empty'))
  for (const [name, text] of Object.entries({
    '1-2-1': '{"Version":2}',
    '1-2-2': '{"Version":1',
    '1-2-3': '{"Version":1,"Index":18446744073709551615,"Term":1}',
  })) {
    mkdirSync(join(snapshots, name))
    writeFileSync(join(snapshots, name, 'meta.json'), text)
  }
  deepEqual(
    (await store.list()).map((meta) => meta.id),
    [id],
  )
  equal(warnings.texts.length, 4)
  expect(warnings.texts.join('\n')).toMatch(/unsupported snapshot version 2/)
  expect(warnings.texts.join('\n')).toMatch(/meta\.Index is not an integer from 0 to 2\^53 - 1/)
  await expect(store.open('1-2-3')).rejects.toMatchObject({ code: 'ERR_RAFT_CORRUPT' })
})

test.each(['', '.', '..', '../snapshots', 'a/b', 'a\\b', 'a\0b', '1-1-1.tmp'])('does not open %j', async (id) => {
  using folder = new TemporaryFolder()
  const store = await FileSnapshotStore.open({ dir: folder.path, retain: 1 })
  await expect(store.open(id)).rejects.toThrow('is not the name of a snapshot')
})

test('refuses a state that is damaged, cut off, longer, or missing', async () => {
  using folder = new TemporaryFolder()
  const store = await FileSnapshotStore.open({ dir: folder.path, retain: 1 })
  const id = await takeSnapshot(store, 1, 1, 'x'.repeat(1_000))
  const path = folder.at('snapshots', id, 'state.bin')
  const state = readFileSync(path)
  for (let at = 0; at < state.length; at += 37) {
    const damaged = Buffer.from(state)
    damaged[at]! ^= 1 << (at % 8)
    writeFileSync(path, damaged)
    await expect(store.open(id)).rejects.toThrow(/state\.bin is damaged: CRC mismatch/)
  }
  writeFileSync(path, Buffer.concat([state, Buffer.alloc(1)]))
  await expect(store.open(id)).rejects.toMatchObject({ code: 'ERR_RAFT_CORRUPT' })
  truncateSync(path, 0)
  await expect(store.open(id)).rejects.toMatchObject({ code: 'ERR_RAFT_CORRUPT' })
  rmSync(path)
  await expect(store.open(id)).rejects.toMatchObject({ code: 'ERR_RAFT_SNAPSHOT' })
  equal((await store.list()).length, 1)
})

test('refuses a snapshot that says another size', async () => {
  using folder = new TemporaryFolder()
  const store = await FileSnapshotStore.open({ dir: folder.path, retain: 1 })
  const id = await takeSnapshot(store, 1, 1)
  const path = folder.at('snapshots', id, 'meta.json')
  writeFileSync(path, readFileSync(path, 'utf8').replace('"Size":5', '"Size":4'))
  await expect(store.open(id)).rejects.toThrow(/it has 5 bytes, and its metadata says 4/)
})

test('refuses numbers that are none', async () => {
  using folder = new TemporaryFolder()
  const store = await FileSnapshotStore.open({ dir: folder.path, retain: 1 })
  for (const changes of [{ index: -1 }, { term: 1.5 }, { configurationIndex: 2 ** 53 }]) {
    await expect(store.create({ ...describeSnapshot(1, 1), ...changes })).rejects.toThrow(RangeError)
  }
  deepEqual(readdirSync(folder.at('snapshots')), [])
})

test('rejects a write or a close whose folder is gone, and stays rejected', async () => {
  using folder = new TemporaryFolder()
  const store = await FileSnapshotStore.open({ dir: folder.path, retain: 1 })
  const sink = await store.create(describeSnapshot(1, 1))
  rmSync(folder.at('snapshots'), { recursive: true })
  await expect(sink.close()).rejects.toMatchObject({ code: 'ERR_RAFT_SNAPSHOT' })
  await expect(sink.close()).rejects.toMatchObject({ code: 'ERR_RAFT_SNAPSHOT' })
  await sink.cancel()
  deepEqual(await store.list(), [])
})

test('takes nothing after a close or a cancel', async () => {
  using folder = new TemporaryFolder()
  const store = await FileSnapshotStore.open({ dir: folder.path, retain: 1 })
  const closed = await store.create(describeSnapshot(1, 1))
  await closed.close()
  await expect(closed.write(Buffer.from('x'))).rejects.toThrow(/it is closed/)
  const cancelled = await store.create(describeSnapshot(1, 2))
  await cancelled.cancel()
  await expect(cancelled.write(Buffer.from('x'))).rejects.toThrow(/it is cancelled/)
  await expect(cancelled.close()).rejects.toThrow(/it is cancelled/)
})

test.skipIf(process.platform === 'win32')('a full disk rejects the write and the close, and leaves nothing', () => {
  using folder = new TemporaryFolder()
  deepEqual(runLimited('fill.mjs', [folder.path]), {
    told: [
      'write: ERR_RAFT_SNAPSHOT',
      'write again: ERR_RAFT_SNAPSHOT',
      'close: ERR_RAFT_SNAPSHOT',
      'close again: ERR_RAFT_SNAPSHOT',
      'cancel: done',
    ],
    listed: 0,
  })
  deepEqual(readdirSync(folder.at('snapshots')), [])
})

test(
  'a process that is killed leaves whole snapshots, and the last that it reported',
  { timeout: 60_000 },
  async () => {
    using folder = new TemporaryFolder()
    let next = 1
    for (let kill = 0; kill < 10; kill++) {
      const program = join(import.meta.dirname, 'programs', 'work.mjs')
      const child = spawn(process.execPath, [program, folder.path, String(next)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const exited = once(child, 'exit')
      let reported = next - 1
      for await (const line of createInterface(child.stdout)) {
        reported = Number(line)
        if (reported >= next + kill * 2) child.kill('SIGKILL')
      }
      await exited
      const store = await FileSnapshotStore.open({ dir: folder.path, retain: 2 })
      const metas = await store.list()
      ok(metas[0]!.index === reported || metas[0]!.index === reported + 1, `${metas[0]!.index} after ${reported}`)
      for (const { id, index, size } of metas) {
        const state = await readState(store, id)
        equal(size, 1 + (index % 7) * 60_000)
        ok(state.every((byte) => byte === index % 256))
      }
      expect(readdirSync(folder.at('snapshots')).filter((name) => name.endsWith('.tmp'))).toEqual([])
      next = metas[0]!.index + 1
    }
  },
)
