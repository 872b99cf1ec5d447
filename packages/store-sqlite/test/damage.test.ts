// Damage of every kind is refused, or does no harm: never is something else read than what was written.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { copyFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { isRaftError, type Log } from '@raft/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packedBytes, packLogs } from '../src/packing.ts'
import { readRecords } from '../src/records.ts'
import { StoreFile } from '../src/store-file.ts'
import { TemporaryFolder } from './stores.ts'

/** Set it to flip a bit of every byte, which takes some minutes; else a sample of the bytes. */
const step = process.env['RAFT_EXHAUSTIVE'] === undefined ? 23 : 1

const folder = new TemporaryFolder()
const path = folder.file()
const allFiles = ['', '-wal', '-mark'].map((suffix) => path + suffix)

function entry(index: number, term: number, bytes: number): Log {
  const data = new Uint8Array(bytes).fill(index * 7 + term)
  return {
    index,
    term,
    type: 0,
    data,
    extensions: undefined,
    appendedAt: { seconds: 1_700_000_000 + index, nanoseconds: 5 },
  }
}

function append(store: StoreFile, ...logs: Log[]): void {
  const records = new Uint8Array(packedBytes(logs))
  store.store(packLogs(logs, records), records)
}

/** Everything that a store answers. */
function contents(store: StoreFile): object {
  const { first, last } = store.bounds
  const logs: Log[] = []
  if (first > 0) {
    const { rows, buffer } = store.read({ from: first, through: last, maxBytes: Infinity })
    for (const row of rows) readRecords(buffer, row.start, row.end, row.first, logs)
  }
  return { first, last, serverID: store.state.serverID, values: store.state.values, logs }
}

function open(verify = true): StoreFile {
  return StoreFile.open({ path, serverID: undefined, verify })
}

/** A store with several rows, some of them on pages of their own, dead rows, and a state that has changed. */
function build(): StoreFile {
  const store = StoreFile.open({ path, serverID: 'n1', verify: true })
  append(store, entry(1, 1, 10), entry(2, 1, 20))
  append(store, entry(3, 1, 6_000))
  append(store, entry(4, 1, 10), entry(5, 1, 10), entry(6, 1, 10))
  const remove = { min: 6, max: Infinity }
  store.write({ set: [['vote', Uint8Array.of(1, 2, 3)]], remove, rows: [], records: new Uint8Array(0) })
  store.remove({ min: 1, max: 2 })
  append(store, entry(6, 2, 100))
  append(store, entry(7, 2, 100))
  return store
}

type Snapshot = ReadonlyMap<string, Buffer>

function save(): Snapshot {
  return new Map(allFiles.filter((file) => existsSync(file)).map((file) => [file, readFileSync(file)]))
}

function restore(files: Snapshot): void {
  for (const file of allFiles) rmSync(file, { force: true })
  for (const [file, bytes] of files) writeFileSync(file, bytes)
}

/** Opens and reads all. What it was refused with, or nothing if all was as expected. Fails if something else was read. */
function outcome(expected: object, what: string, verify = true): string | undefined {
  let store: StoreFile | undefined
  try {
    store = open(verify)
    deepEqual(contents(store), expected, what)
    return undefined
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (isRaftError(error) || code.startsWith('SQLITE_')) return `${code} ${(error as Error).message}`
    throw error
  } finally {
    store?.close()
  }
}

/** Flips one bit in each of a sample of the bytes of a file, and counts what was refused and what did no harm. */
function flip(files: Snapshot, file: string, expected: object, verify = true): { refused: number; harmless: number } {
  const original = files.get(file)!
  let refused = 0
  let harmless = 0
  for (let at = 0; at < original.length; at += at < 100 ? 1 : step) {
    restore(files)
    const damaged = Buffer.from(original)
    damaged[at]! ^= 1 << (at % 8)
    writeFileSync(file, damaged)
    if (outcome(expected, `byte ${at}`, verify) === undefined) harmless++
    else refused++
  }
  return { refused, harmless }
}

afterAll(() => folder[Symbol.dispose]())

describe('a store that was closed', () => {
  let files: Snapshot
  let expected: object
  beforeAll(() => {
    restore(new Map())
    const store = build()
    expected = contents(store)
    store.close()
    files = save()
    equal(files.has(`${path}-wal`), false)
  })

  test.each([true, false])(
    'with a bit flipped in the database (verify: %s)',
    (verify) => {
      const { refused, harmless } = flip(files, path, expected, verify)
      ok(refused > 0 && harmless > 0, `${refused} refused, ${harmless} in bytes that are not used`)
    },
    600_000,
  )

  test('with a bit flipped in the mark', () => {
    const { harmless } = flip(files, `${path}-mark`, expected)
    equal(harmless, 0)
  })
})

describe('a store whose process was killed', () => {
  let files: Snapshot
  let expected: object
  beforeAll(() => {
    restore(new Map())
    const store = build()
    expected = contents(store)
    files = save()
    store.close()
    ok(files.has(`${path}-wal`))
  })

  test('is what it was', () => {
    restore(files)
    equal(outcome(expected, 'undamaged'), undefined)
  })

  test('with a bit flipped in the write-ahead log, where SQLite drops what comes after it', () => {
    const { refused } = flip(files, `${path}-wal`, expected)
    ok(refused > 0)
  }, 600_000)

  test('with the end of the write-ahead log cut off, at any length', () => {
    const { length } = files.get(`${path}-wal`)!
    for (let kept = 0; kept < length; kept += Math.ceil(length / 60)) {
      restore(files)
      truncateSync(`${path}-wal`, kept)
      expect(outcome(expected, `${kept} bytes kept`)).toMatch(/ERR_RAFT_CORRUPT.*raft\.db is damaged/)
    }
  })

  test('without its write-ahead log', () => {
    restore(files)
    rmSync(`${path}-wal`)
    for (const time of ['the first', 'the second']) {
      expect(outcome(expected, time)).toMatch(/ERR_RAFT_CORRUPT.*raft\.db/)
    }
  })

  test('without its mark, or with an empty database beside it', () => {
    restore(files)
    rmSync(`${path}-mark`)
    expect(outcome(expected, 'no mark')).toMatch(/ERR_RAFT_CORRUPT.*raft\.db-mark.* is missing/)
    restore(files)
    rmSync(path)
    rmSync(`${path}-wal`)
    expect(outcome(expected, 'no database')).toMatch(/ERR_RAFT_CORRUPT.*it is empty, but .*raft\.db-mark/)
  })

  // The limit that the README names: the mark is not synced, so after a power cut it may be that of some seconds ago. If
  // the end of the write-ahead log is damaged too, what was written since is lost without being noticed.
  test('with an old mark and a damaged write-ahead log: what came after the mark is not missed', () => {
    restore(new Map())
    let store = StoreFile.open({ path, serverID: 'n1', verify: true })
    append(store, entry(1, 1, 10))
    const before = contents(store)
    copyFileSync(`${path}-mark`, `${path}-old`)
    append(store, entry(2, 1, 10))
    const crashed = new Map([...save(), [`${path}-mark`, readFileSync(`${path}-old`)]])
    store.close()
    restore(crashed)
    truncateSync(`${path}-wal`, crashed.get(`${path}-wal`)!.length - 1)
    store = open()
    deepEqual(contents(store), before)
    store.close()
  })
})
