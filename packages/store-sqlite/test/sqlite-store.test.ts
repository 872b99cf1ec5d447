import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deepEqual, equal, ok } from 'node:assert/strict'
import { isRaftError } from '@raft/core'
import { SqliteStore } from '@raft/store-sqlite'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { openFiles } from '../src/database.ts'
import { entries, Program, TemporaryFolder } from './stores.ts'

async function refusal(path: string, serverID?: string): Promise<string> {
  try {
    await (await SqliteStore.open({ path, serverID })).close()
  } catch (error) {
    ok(isRaftError(error), String(error))
    return `${error.code} ${error.message}`
  }
  return 'opened'
}

test('every open makes commits durable, though better-sqlite3 opens a WAL database without', () => {
  using folder = new TemporaryFolder()
  const path = folder.file()
  openFiles(path, true).database.close()
  const plain = new Database(path)
  // The trap. Should this fail one day, better-sqlite3 has become safer.
  equal(plain.pragma('synchronous', { simple: true }), 1)
  plain.close()
  const { database, mark } = openFiles(path, true)
  const value = (name: string): unknown => database.pragma(name, { simple: true })
  deepEqual(['synchronous', 'journal_mode', 'fullfsync', 'checkpoint_fullfsync', 'locking_mode'].map(value), [
    2,
    'wal',
    1,
    1,
    'exclusive',
  ])
  mark.close()
  database.close()
})

test('the files are for their owner alone, and the write-ahead log goes with a close', async () => {
  using folder = new TemporaryFolder()
  const store = await SqliteStore.open({ path: folder.file() })
  await store.storeLogs(entries(1, 3))
  const names = readdirSync(folder.path)
  deepEqual(names.toSorted(), ['raft.db', 'raft.db-mark', 'raft.db-wal'])
  if (process.platform !== 'win32') {
    for (const name of names) equal(statSync(folder.file(name)).mode & 0o777, 0o600, name)
  }
  await store.close()
  deepEqual(readdirSync(folder.path).toSorted(), ['raft.db', 'raft.db-mark'])
})

test('a second open is refused, in the same process too, and does not loosen the lock', async () => {
  using folder = new TemporaryFolder()
  const path = folder.file()
  await using store = await SqliteStore.open({ path })
  for (let time = 0; time < 2; time++) {
    expect(await refusal(path)).toMatch(/^ERR_RAFT_STORE .*raft\.db is open already, in this process or another/)
  }
  const other = new Program('hold.mjs', [path])
  expect(await other.line()).toMatch(/is open already/)
  await other.kill()
  await store.storeLogs(entries(1, 1))
})

test('remembers which server it belongs to', async () => {
  using folder = new TemporaryFolder()
  const path = folder.file()
  equal(await refusal(path), 'opened')
  equal(await refusal(path, 'n1'), 'opened')
  equal(await refusal(path, 'n1'), 'opened')
  expect(await refusal(path, 'n2')).toMatch(/^ERR_RAFT_STORE .*raft\.db belongs to server n1, not to n2/)
  await using store = await SqliteStore.open({ path })
  equal(store.serverID, 'n1')
})

test('refuses what is no store of its own, and leaves it alone', async () => {
  using folder = new TemporaryFolder()
  const foreign = new Database(folder.file('foreign.db'))
  foreign.exec('CREATE TABLE people (name TEXT)')
  foreign.close()
  writeFileSync(folder.file('text.db'), 'This is not a database, but it is long enough to look like one. '.repeat(100))
  for (const name of ['foreign.db', 'text.db']) {
    expect(await refusal(folder.file(name))).toBe(`ERR_RAFT_STORE ${folder.file(name)} is not a raft store`)
  }
  deepEqual(readdirSync(folder.path).toSorted(), ['foreign.db', 'text.db'])
})

test('refuses a newer format, and says what to do', async () => {
  using folder = new TemporaryFolder()
  const path = folder.file()
  equal(await refusal(path), 'opened')
  const database = new Database(path)
  database.pragma('user_version = 2')
  database.close()
  expect(await refusal(path)).toMatch(/^ERR_RAFT_STORE .*has format 2, and .* reads formats up to 1: upgrade it$/)
})

test.skipIf(process.platform === 'win32')('opens through a link, and is locked through it too', async () => {
  using folder = new TemporaryFolder()
  symlinkSync(folder.file(), folder.file('link.db'))
  await using store = await SqliteStore.open({ path: folder.file() })
  await store.storeLogs(entries(1, 1))
  expect(await refusal(folder.file('link.db'))).toMatch(/is open already/)
  await store.close()
  equal(await refusal(folder.file('link.db')), 'opened')
  deepEqual(readdirSync(folder.path).toSorted(), ['link.db', 'raft.db', 'raft.db-mark'])
})

test('says that a folder is missing, or is none, or cannot be written', async () => {
  using folder = new TemporaryFolder()
  const missing = join(folder.path, 'missing')
  expect(await refusal(join(missing, 'raft.db'))).toBe(
    `ERR_RAFT_STORE cannot open ${join(missing, 'raft.db')}: there is no folder ${missing}`,
  )
  writeFileSync(folder.file('file'), '')
  expect(await refusal(join(folder.file('file'), 'raft.db'))).toMatch(/there is no folder .*file$/)
  expect(await refusal(folder.path)).toMatch(/^ERR_RAFT_STORE cannot open /)
  await expect(SqliteStore.open({ path: '' })).rejects.toThrow(TypeError)
  await expect(SqliteStore.open({ path: ':memory:' })).rejects.toThrow(TypeError)
})

test.skipIf(process.platform === 'win32')('says that a folder cannot be written', async () => {
  using folder = new TemporaryFolder()
  const closed = join(folder.path, 'closed')
  mkdirSync(closed)
  chmodSync(closed, 0o555)
  chmodSync(folder.path, 0o755)
  // Modes do not bind the super-user, so that one becomes somebody else.
  const isRoot = process.getuid?.() === 0
  const program = new Program('hold.mjs', [join(closed, 'raft.db')], isRoot ? { uid: 65_534, gid: 65_534 } : {})
  expect(await program.line()).toMatch(/^ERR_RAFT_STORE cannot open .*permission denied/)
  await program.kill()
  equal(existsSync(join(closed, 'raft.db')), false)
})

test.skipIf(process.platform === 'win32')('takes no write after one that failed, and can still be read', () => {
  using folder = new TemporaryFolder()
  const program = join(import.meta.dirname, 'programs', 'fill.mjs')
  // A limit on the size of files, in blocks of 512 or 1,024 bytes.
  const { stdout, stderr } = spawnSync('sh', [
    '-c',
    `ulimit -f 300; exec "$0" "$@"`,
    process.execPath,
    program,
    folder.file(),
  ])
  equal(String(stderr), '')
  const { told, last, readable } = JSON.parse(String(stdout)) as {
    told: { code: string; message: string; cause: string }[]
    last: number
    readable: number
  }
  deepEqual(
    told.map(({ code }) => code),
    ['ERR_RAFT_STORE', 'ERR_RAFT_STORE'],
  )
  expect(told[0]!.message).toMatch(/^cannot write .*raft\.db: /)
  expect(told[1]!.message).toMatch(/raft\.db takes no more writes, because one failed: /)
  ok(last > 5)
  equal(readable, 4_000)
})

test('close finishes the writes that are under way, and nothing is taken after it', async () => {
  using folder = new TemporaryFolder()
  const path = folder.file()
  const store = await SqliteStore.open({ path })
  const writes = Array.from({ length: 20 }, (_, at) => store.storeLog(entries(at + 1, at + 1)[0]!))
  const closing = store.close()
  equal(store.close(), closing)
  await Promise.all([...writes, closing])
  await expect(store.storeLogs(entries(21, 21))).rejects.toThrow(`${path} is closed`)
  await expect(store.getLog(1)).rejects.toThrow(`${path} is closed`)
  expect(() => store.firstIndex()).toThrow(`${path} is closed`)
  await using reopened = await SqliteStore.open({ path })
  equal(reopened.lastIndex(), 20)
})

test('does not keep the process alive by itself', () => {
  using folder = new TemporaryFolder()
  const code = `
    import { SqliteStore } from '@raft/store-sqlite'
    const store = await SqliteStore.open({ path: process.argv[1] })
    void store.storeLog({ index: 1, term: 1, type: 0 }).then(() => console.log('stored'))`
  const args = ['--input-type=module', '-e', code, folder.file()]
  const { stdout, status } = spawnSync(process.execPath, args, { cwd: import.meta.dirname, timeout: 20_000 })
  equal(String(stdout), 'stored\n')
  equal(status, 0)
})

test('frees the space of a removed prefix after the fact, and uses it again', async () => {
  using folder = new TemporaryFolder()
  const path = folder.file()
  const store = await SqliteStore.open({ path })
  const round = async (from: number): Promise<number> => {
    for (let at = 0; at < 20; at++) await store.storeLogs(entries(from + at * 10, from + at * 10 + 9, 10_000))
    await store.deleteRange(0, from + 198)
    equal(store.firstIndex(), from + 199)
    return from + 200
  }
  let next = await round(1)
  for (let rounds = 0; rounds < 5; rounds++) next = await round(next)
  await store.close()
  // Two megabytes a round; without reuse there would be twelve.
  ok(statSync(path).size < 7_000_000, `${statSync(path).size} bytes`)
  await using reopened = await SqliteStore.open({ path })
  deepEqual([reopened.firstIndex(), reopened.lastIndex()], [next - 1, next - 1])
  equal((await reopened.getLog(next - 1)).data?.length, 10_000)
})

test('refuses numbers that it cannot store, before anything is written', async () => {
  using folder = new TemporaryFolder()
  await using store = await SqliteStore.open({ path: folder.file() })
  const [log] = entries(1, 1)
  for (const wrong of [
    { index: 0 },
    { index: 1.5 },
    { index: 2 ** 53 },
    { term: -1 },
    { type: 256 as 0 },
    { appendedAt: { seconds: 0, nanoseconds: 1_000_000_000 } },
    { appendedAt: { seconds: 2 ** 60, nanoseconds: 0 } },
    { appendedAt: { seconds: 0, nanoseconds: 0, offset: 2 ** 31 } },
  ]) {
    await expect(store.storeLogs([log!, { ...log!, ...wrong }]), JSON.stringify(wrong)).rejects.toThrow(RangeError)
  }
  await expect(store.setUint64('term', -1)).rejects.toThrow(RangeError)
  await expect(store.getLogs({ from: 2, through: 1, maxBytes: 1 })).rejects.toThrow(RangeError)
  equal(store.lastIndex(), 0)
  await store.storeLog(log!)
})

test('reads files of format 1', async () => {
  using folder = new TemporaryFolder()
  cpSync(join(import.meta.dirname, 'fixtures', 'format-1'), folder.path, { recursive: true })
  await using store = await SqliteStore.open({ path: folder.file(), serverID: 'n1' })
  equal(store.serverID, 'n1')
  deepEqual(store.get('VoteState'), Uint8Array.of(1, 2, 3))
  equal(store.getUint64('CurrentTerm'), 7)
  deepEqual([store.firstIndex(), store.lastIndex()], [3, 6])
  deepEqual(await store.getLogs({ from: 3, through: 6, maxBytes: Infinity }), [
    { index: 3, term: 1, type: 0, data: Uint8Array.of(3), extensions: undefined, appendedAt: undefined },
    { index: 4, term: 2, type: 1, data: undefined, extensions: undefined, appendedAt: undefined },
    {
      index: 5,
      term: 2,
      type: 5,
      data: Uint8Array.of(),
      extensions: Uint8Array.of(5),
      appendedAt: { seconds: 1_700_000_000, nanoseconds: 123_456_789, offset: undefined },
    },
    {
      index: 6,
      term: 2,
      type: 0,
      data: Uint8Array.of(6),
      extensions: Uint8Array.of(),
      appendedAt: { seconds: -1, nanoseconds: 999_999_999, offset: -3_600 },
    },
  ])
})
