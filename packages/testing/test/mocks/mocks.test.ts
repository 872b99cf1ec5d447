import { deepEqual, equal, rejects } from 'node:assert/strict'
import { decode } from '@msgpack/msgpack'
import { type Log, LogType, type SnapshotDescription, type SnapshotSource } from '@raft/core'
import { InmemSnapshotStore, InmemStore } from '@raft/store-inmem'
import { describe, test } from 'vitest'
import { testLogStore } from '../../src/conformance/log-store.ts'
import { MockFSM, MockFSMConfigStore, MockMonotonicLogStore, unwrapFSM } from '../../src/index.ts'

const description: SnapshotDescription = {
  version: 1,
  index: 3,
  term: 1,
  configuration: { servers: [] },
  configurationIndex: 1,
}

describe('MockFSM', () => {
  test('keeps every command and answers how many there are', () => {
    const fsm = new MockFSM()
    equal(fsm.apply(command(1, [1, 2])), 1)
    equal(fsm.apply(command(2, [])), 2)
    deepEqual(fsm.logs(), [Uint8Array.of(1, 2), new Uint8Array(0)])
  })

  test('a snapshot is a msgpack array of the bytes, taken at a point in time', async () => {
    const fsm = new MockFSM()
    fsm.apply(command(1, [1]))
    const snapshot = fsm.snapshot()
    fsm.apply(command(2, [2]))
    const bytes = await persisted(snapshot)
    deepEqual(decode(bytes), [Uint8Array.of(1)])
    const other = new MockFSM()
    other.apply(command(9, [9]))
    await other.restore(source([bytes]))
    deepEqual(other.logs(), [Uint8Array.of(1)])
  })

  test('reads the raw strings that Go writes', async () => {
    const fsm = new MockFSM()
    // fixarray of two: fixraw of 2 bytes that are no UTF-8, fixraw of 0 bytes.
    await fsm.restore(source([Uint8Array.of(0x92, 0xa2), Uint8Array.of(0xff, 0xfe, 0xa0)]))
    deepEqual(fsm.logs(), [Uint8Array.of(0xff, 0xfe), new Uint8Array(0)])
  })

  test('refuses a snapshot of something else', async () => {
    await rejects(new MockFSM().restore(source([Uint8Array.of(0x01)])), TypeError)
  })
})

test('MockFSMConfigStore keeps the configurations', () => {
  const fsm = new MockFSMConfigStore()
  fsm.storeConfiguration(1, { servers: [] })
  deepEqual(fsm.configurations, [{ servers: [] }])
})

test('unwrapFSM finds the innermost', () => {
  const inner = new MockFSM()
  const wrap = (fsm: object) => Object.assign(new MockFSM(), { underlying: () => fsm })
  equal(unwrapFSM(wrap(wrap(inner))), inner)
})

describe('MockMonotonicLogStore', () => {
  test('says that it holds no gaps and hands on the rest', async () => {
    const inner = new InmemStore()
    const store = new MockMonotonicLogStore(inner)
    equal(store.isMonotonic(), true)
    equal(store.capabilities.monotonic, true)
    equal(store.backing, inner)
    await store.storeLogs([command(1, [1])])
    equal(inner.lastIndex(), 1)
  })

  testLogStore(test, { create: () => new MockMonotonicLogStore(new InmemStore()) })
})

function command(index: number, bytes: number[]): Log {
  return { index, term: 1, type: LogType.Command, data: Uint8Array.from(bytes) }
}

async function persisted(snapshot: ReturnType<MockFSM['snapshot']>): Promise<Uint8Array> {
  const store = new InmemSnapshotStore()
  const sink = store.create(description)
  await snapshot.persist(sink, { signal: new AbortController().signal })
  snapshot.release()
  const chunks: Uint8Array[] = []
  for await (const chunk of store.open(sink.id)) chunks.push(chunk)
  return new Uint8Array(Buffer.concat(chunks))
}

function source(chunks: readonly Uint8Array[]): SnapshotSource {
  const iterable = {
    async *[Symbol.asyncIterator]() {
      yield* chunks
    },
  }
  return {
    ...iterable,
    bytesRead: 0,
    size: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
    unwrap: () => iterable,
  }
}
