import { beforeEach, describe, expect, test } from 'vitest'
import type { StableStore } from '../../src/interfaces/stable-store.ts'
import { LogCache } from '../../src/raft/log-cache.ts'
import { LogWriter } from '../../src/raft/log-writer.ts'
import { Meter } from '../../src/raft/meter.ts'
import { type Log, LogType } from '../../src/types/log.ts'
import { ManualClock } from './harness/manual-clock.ts'
import { MemoryStore } from './harness/memory-store.ts'

let clock: ManualClock
let store: MemoryStore
let persisted: number[]
let failures: Error[]

beforeEach(() => {
  clock = new ManualClock()
  store = new MemoryStore()
  persisted = []
  failures = []
})

function writer(stable: StableStore = store, logs: MemoryStore | LogCache = store): LogWriter {
  return new LogWriter({
    logs,
    stable,
    first: store.firstIndex(),
    last: store.lastIndex(),
    clock,
    meter: new Meter(undefined, clock),
    later: queueMicrotask,
    persisted: (write) => persisted.push(write),
    failed: (error) => failures.push(error),
  })
}

function entries(from: number, through: number, term = 1): Log[] {
  const logs: Log[] = []
  for (let index = from; index <= through; index++) logs.push({ index, term, type: LogType.Command })
  return logs
}

/** Opens writes that end when the test says so. */
function gates(): (() => void)[] {
  const open: (() => void)[] = []
  store.gate = () => new Promise<void>((resolve) => open.push(resolve))
  return open
}

test('nothing is written, and nothing reported, before the caller has returned', async () => {
  const subject = writer()
  subject.enqueue({ write: 1, logs: entries(1, 2) })
  expect(store.writes).toEqual([])
  await clock.settle()
  expect(store.writes).toEqual(['store 1 2'])
  expect(persisted).toEqual([1])
})

test('what piles up while a write is open becomes one write', async () => {
  const open = gates()
  const subject = writer()
  subject.enqueue({ write: 1, logs: entries(1, 1) })
  await clock.settle()
  subject.enqueue({ write: 2, logs: entries(2, 3) })
  subject.enqueue({ write: 3, vote: { term: 2 }, logs: [] })
  subject.enqueue({ write: 4, deleteFrom: 3, logs: entries(3, 4, 2) })
  await clock.settle()
  expect(store.writes).toHaveLength(1)
  open.shift()!()
  await clock.settle()
  expect(persisted).toEqual([1])
  expect(store.writes.slice(1)).toEqual(['write set=1 from=- logs=2 3 4'])
  open.shift()!()
  await clock.settle()
  expect(persisted).toEqual([1, 4])
  expect([...store.entries.values()].map((log) => log.term)).toEqual([1, 1, 2, 2])
})

describe('a write is one transaction, or vote, removal and entries in this order', () => {
  const job = { write: 1, vote: { term: 3 }, deleteFrom: 4, logs: entries(4, 5, 3) }
  beforeEach(() => store.storeLogs(entries(1, 6)))

  test('one store for both', async () => {
    writer().enqueue(job)
    await clock.settle()
    expect(store.writes.slice(1)).toEqual(['write set=1 from=4 logs=4 5'])
  })

  test('one store for both, behind a cache', async () => {
    writer(store, new LogCache(8, store)).enqueue(job)
    await clock.settle()
    expect(store.writes.slice(1)).toEqual(['write set=1 from=4 logs=4 5'])
  })

  test('two stores', async () => {
    const stable = new MemoryStore()
    writer(stable).enqueue(job)
    await clock.settle()
    expect(stable.writes).toEqual(['set VoteState'])
    expect(store.writes.slice(1)).toEqual(['write set=0 from=4 logs=4 5'])
  })

  test('a store without transactions', async () => {
    store.capabilities = { contract: 1 }
    writer().enqueue(job)
    await clock.settle()
    expect(store.writes.slice(1)).toEqual(['set VoteState', 'delete 4-6', 'store 4 5'])
  })

  test.each([{ clear: true }, { deleteFrom: 1 }])(
    'one that loses all that it has, the first entry last: %o',
    async (all) => {
      store.capabilities = { contract: 1 }
      writer().enqueue({ write: 2, logs: entries(1, 2, 9), ...all })
      await clock.settle()
      expect(store.writes.slice(1)).toEqual(['delete 2-6', 'delete 1-1', 'store 1 2'])
    },
  )
})

test('a failure is reported once, names what failed, and nothing is written after it', async () => {
  store.gate = () => {
    throw new Error('disk full')
  }
  const subject = writer()
  subject.enqueue({ write: 1, logs: entries(1, 1) })
  await clock.settle()
  subject.enqueue({ write: 2, logs: entries(2, 2) })
  await clock.settle()
  expect(failures.map((error) => error.message)).toEqual(['failed to store entries in the log: disk full'])
  expect(failures[0]).toMatchObject({ code: 'ERR_RAFT_STORE', cause: { message: 'disk full' } })
  expect(persisted).toEqual([])
  expect(store.writes).toHaveLength(1)
})

test('stopping waits for the open write, drops the rest and reports nothing', async () => {
  const open = gates()
  const subject = writer()
  subject.enqueue({ write: 1, logs: entries(1, 1) })
  await clock.settle()
  subject.enqueue({ write: 2, logs: entries(2, 2) })
  let stopped = false
  void subject.stop().then(() => {
    stopped = true
  })
  await clock.settle()
  expect(stopped).toBe(false)
  open.shift()!()
  await clock.settle()
  expect(stopped).toBe(true)
  expect(persisted).toEqual([])
  expect([...store.entries.keys()]).toEqual([1])
})

describe('compaction', () => {
  test('goes in slices, between the writes', async () => {
    await store.storeLogs(entries(1, 2_500))
    const open = gates()
    store.writes.length = 0
    const subject = writer()
    subject.compact(2_400)
    await clock.settle()
    subject.enqueue({ write: 1, logs: entries(2_501, 2_501) })
    for (let done = 0; done < 4; done++) {
      open.shift()!()
      await clock.settle()
    }
    expect(store.writes).toEqual(['delete 1-1000', 'store 2501', 'delete 1001-2000', 'delete 2001-2400'])
    expect(store.firstIndex()).toBe(2_401)
  })

  test('removes entries that were queued before it', async () => {
    const subject = writer()
    subject.enqueue({ write: 1, logs: entries(1, 5) })
    subject.compact(3)
    subject.enqueue({ write: 2, logs: entries(6, 6) })
    await clock.settle()
    expect([...store.entries.keys()]).toEqual([4, 5, 6])
    expect(persisted).toEqual([1, 2])
  })

  test('does not remove what comes after a snapshot took the place of the whole log', async () => {
    await store.storeLogs(entries(1, 2_000))
    const subject = writer()
    subject.compact(1_990)
    subject.enqueue({ write: 1, clear: true, logs: [] })
    subject.enqueue({ write: 2, logs: entries(501, 510, 9) })
    await clock.settle()
    expect([...store.entries.keys()]).toEqual(entries(501, 510).map((log) => log.index))
  })

  test('steps over the gap that a user restore leaves', async () => {
    await store.storeLogs(entries(1, 10))
    store.writes.length = 0
    const subject = writer()
    subject.enqueue({ write: 1, logs: entries(9_000_001, 9_000_002) })
    subject.compact(9_000_000)
    await clock.settle()
    expect(store.writes.slice(1)).toEqual(['delete 1-10'])
    subject.compact(9_000_001)
    await clock.settle()
    expect([...store.entries.keys()]).toEqual([9_000_002])
  })

  test('a restore that is taken back leaves the log before the gap', async () => {
    await store.storeLogs(entries(1, 10))
    const subject = writer()
    subject.enqueue({ write: 1, logs: entries(100, 101) })
    await clock.settle()
    subject.enqueue({ write: 2, deleteFrom: 99, logs: [] })
    subject.enqueue({ write: 3, logs: entries(11, 11, 2) })
    subject.compact(9)
    await clock.settle()
    expect([...store.entries.keys()]).toEqual([10, 11])
  })
})
