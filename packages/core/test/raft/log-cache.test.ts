import { beforeEach, describe, expect, test } from 'vitest'
import { LogCache } from '../../src/raft/log-cache.ts'
import { LogReader } from '../../src/raft/log-reader.ts'
import { LogTail } from '../../src/raft/log-tail.ts'
import { type Log, LogType } from '../../src/types/log.ts'
import { MemoryStore } from './harness/memory-store.ts'

function entries(from: number, through: number, term = 1): Log[] {
  const logs: Log[] = []
  for (let index = from; index <= through; index++) {
    logs.push({ index, term, type: LogType.Command, data: new Uint8Array(10) })
  }
  return logs
}

const indexes = (logs: readonly Log[]): number[] => logs.map((log) => log.index)

let store: MemoryStore
beforeEach(() => {
  store = new MemoryStore()
})

describe('a log cache', () => {
  test('reads the newest from memory and the rest from the store', async () => {
    const cache = new LogCache(3, store)
    await cache.storeLogs(entries(1, 5))
    store.readError = new Error('no disk')
    expect(await cache.getLog(4)).toBe(store.entries.get(4))
    expect(indexes(await cache.getLogs({ from: 3, through: 5, maxBytes: 25 }))).toEqual([3, 4])
    expect(() => cache.getLog(2)).toThrow('no disk')
    expect(() => cache.getLogs({ from: 2, through: 5, maxBytes: 100 })).toThrow('no disk')
  })

  test('keeps nothing that the store does not have', async () => {
    const cache = new LogCache(8, store)
    await cache.storeLogs(entries(1, 5))
    await cache.deleteRange(4, 5)
    expect(() => cache.getLog(5)).toThrow('log not found')
    await cache.write!({ deleteFrom: 2, logs: entries(2, 2, 9) })
    expect((await cache.getLog(2)).term).toBe(9)
    expect(() => cache.getLog(3)).toThrow('log not found')
    store.gate = () => Promise.reject(new Error('full'))
    await expect(cache.storeLog(entries(3, 3)[0]!)).rejects.toThrow('full')
    expect(() => cache.getLog(3)).toThrow('log not found')
  })

  test('can do what the store can', () => {
    const cache = new LogCache(8, store)
    expect(cache.capabilities).toBe(store.capabilities)
    expect(cache.backing).toBe(store)
    expect(cache.isMonotonic()).toBe(false)
    store.capabilities = { contract: 1, monotonic: true }
    expect(new LogCache(8, cache).isMonotonic()).toBe(true)
    expect(new LogCache(8, cache).backing).toBe(store)
  })

  test('needs room for one', () => {
    expect(() => new LogCache(0, store)).toThrow('capacity must be positive')
    expect(() => new LogCache(1.5, store)).toThrow('capacity must be an integer, got 1.5')
  })
})

describe('the tail of the log', () => {
  const appendOneByOne = (tail: LogTail, logs: readonly Log[]): void => {
    for (const log of logs) tail.append([log])
  }

  test('drops what is durable above its limits, and nothing else', () => {
    const tail = new LogTail({ count: 4, bytes: 1_000 })
    appendOneByOne(tail, entries(1, 10))
    tail.trim({ durable: 3, done: 0 })
    expect([tail.first, tail.last]).toEqual([4, 10])
    tail.trim({ durable: 10, done: 0 })
    expect([tail.first, tail.last]).toEqual([7, 10])
  })

  test('counts bytes too, and forgets those of entries that were removed', () => {
    const tail = new LogTail({ count: 100, bytes: 45 })
    appendOneByOne(tail, entries(1, 2))
    tail.append(entries(3, 6))
    tail.truncateFrom(5)
    tail.trim({ durable: 10, done: 0 })
    expect([tail.first, tail.last]).toEqual([1, 4])
    tail.append(entries(5, 5, 2))
    tail.trim({ durable: 10, done: 0 })
    expect([tail.first, tail.last]).toEqual([2, 5])
    tail.clear()
    expect([tail.first, tail.last]).toEqual([0, 0])
    tail.append(entries(100, 101))
    expect([tail.first, tail.last]).toEqual([100, 101])
  })

  test('keeps what a reader has not had yet, and little else', () => {
    const tail = new LogTail({ count: 10_000, bytes: 1e9 })
    for (let at = 1; at <= 9_000; at += 500) tail.append(entries(at, at + 499))
    tail.trim({ durable: 9_000, done: 1_600 })
    expect(tail.first).toBe(1_501)
    tail.trim({ durable: 4_000, done: 9_000 })
    expect(tail.first).toBe(4_001)
    tail.trim({ durable: 9_000, done: 9_000 })
    expect([tail.first, tail.last]).toEqual([7_501, 9_000])
  })

  test('reads across what was added together, and gives the next who asks the same array', () => {
    const tail = new LogTail({ count: 10_000, bytes: 1e9 })
    const all = entries(1, 5_000)
    for (let at = 0; at < all.length; at += 100) tail.append(all.slice(at, at + 100))
    for (const [from, through] of [
      [1, 5_000],
      [250, 2_000],
      [4_650, 4_750],
      [77, 77],
    ] as const) {
      const range = { from, through, maxBytes: 1e9 }
      const found = tail.read(range)!
      expect(found.map(({ index }) => index)).toEqual(all.slice(from - 1, through).map(({ index }) => index))
      expect(found[0]).toBe(all[from - 1])
      expect(tail.read(range)).toBe(found)
    }
    expect(tail.read({ from: 5_001, through: 5_001, maxBytes: 1 })).toBeUndefined()
  })
})

describe('reading the log', () => {
  const termOne = [{ first: 1, term: 1 }]

  test('takes memory first, then the store up to where memory begins', async () => {
    await store.storeLogs(entries(1, 10))
    const tail = new LogTail({ count: 100, bytes: 1_000 })
    tail.append(entries(6, 10))
    const reader = new LogReader(tail, store)
    expect(indexes(await reader.read({ from: 3, through: 9, maxBytes: 1_000 }, termOne))).toEqual([3, 4, 5])
    store.readError = new Error('no disk')
    expect(indexes(await reader.read({ from: 6, through: 9, maxBytes: 1_000 }, termOne))).toEqual([6, 7, 8, 9])
    expect(indexes(await reader.read({ from: 6, through: 9, maxBytes: 5 }, termOne))).toEqual([6])
  })

  test('refuses what is missing, or another entry than was expected', async () => {
    await store.storeLogs(entries(1, 3))
    const reader = new LogReader(new LogTail({ count: 1, bytes: 1 }), store)
    const range = { from: 2, through: 3, maxBytes: 1_000 }
    expect(() => reader.read(range, [...termOne, { first: 3, term: 2 }])).toThrow(
      'the log has index 3 and term 1 where index 3 and term 2 belong',
    )
    expect(() => reader.read({ ...range, from: 4, through: 5 }, termOne)).toThrow('entry 4 of the log is missing')
    store.readError = new Error('no disk')
    expect(() => reader.read(range, termOne)).toThrow('no disk')
  })

  test('gives all who ask for what was written together the same array, and never an old one', async () => {
    const tail = new LogTail({ count: 100, bytes: 1_000 })
    const reader = new LogReader(tail, store)
    const together = entries(1, 6)
    tail.append(together)
    const all = { from: 1, through: 6, maxBytes: 1_000 }
    expect(await reader.read(all, termOne)).toBe(together)
    const part = await reader.read({ ...all, from: 2, through: 4 }, termOne)
    expect(indexes(part)).toEqual([2, 3, 4])
    expect(await reader.read({ ...all, from: 2, through: 4 }, termOne)).toBe(part)
    expect(indexes(await reader.read({ ...all, maxBytes: 25 }, termOne))).toEqual([1, 2])
    tail.truncateFrom(5)
    tail.append(entries(5, 6, 2))
    const terms = [...termOne, { first: 5, term: 2 }]
    expect((await reader.read(all, terms)).map(({ term }) => term)).toEqual([1, 1, 1, 1, 2, 2])
    tail.clear()
    tail.append(entries(1, 6, 3))
    expect((await reader.read(all, [{ first: 1, term: 3 }])).map(({ term }) => term)).toEqual([3, 3, 3, 3, 3, 3])
  })
})
