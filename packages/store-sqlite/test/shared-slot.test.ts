import { deepEqual, equal } from 'node:assert/strict'
import { Worker } from 'node:worker_threads'
import { SqliteStore } from '@raft/store-sqlite'
import { test } from 'vitest'
import { SharedSlot, SLOT_BYTES } from '../src/shared-slot.ts'
import { entries, TemporaryFolder } from './stores.ts'

const rows = [
  { first: 2 ** 52, last: 2 ** 52 + 1, start: 0, end: 3 },
  { first: 2 ** 52 + 9, last: 2 ** 52 + 9, start: 3, end: 5 },
]

test('what one side puts into the memory is what the other finds', () => {
  const slot = new SharedSlot()
  const worker = new SharedSlot(slot.memory)
  equal(worker.isWaiting(0), false)
  slot.store(rows, Uint8Array.of(1, 2, 3, 4, 5))
  equal(worker.isWaiting(0), true)
  deepEqual(worker.rowsOf(1), rows)
  deepEqual([...worker.records.subarray(0, 6)], [1, 2, 3, 4, 5, 0])
  worker.setBounds({ first: 7, last: 2 ** 53 - 1 })
  deepEqual(slot.bounds, { first: 7, last: 2 ** 53 - 1 })
})

test('a slot is taken from the write until its answer, and holds no other request', () => {
  const slot = new SharedSlot()
  slot.announce()
  slot.store(rows, new Uint8Array(5))
  slot.announce()
  deepEqual(
    [1, 2, 3].map((request) => slot.rowsOf(request)?.length),
    [undefined, 2, undefined],
  )
  equal(slot.hasRoomFor(1, 1), false)
  slot.free()
  equal(slot.hasRoomFor(1, 1), true)
  equal(slot.rowsOf(2), undefined)
})

test('there is room for as many rows and bytes as the memory has', () => {
  const slot = new SharedSlot()
  equal(slot.hasRoomFor(340, SLOT_BYTES), true)
  equal(slot.hasRoomFor(341, 1), false)
  equal(slot.hasRoomFor(1, SLOT_BYTES + 1), false)
  const many = Array.from({ length: 340 }, (_, at) => ({ first: at + 1, last: at + 1, start: at, end: at + 1 }))
  slot.store(many, new Uint8Array(340).fill(9))
  deepEqual(slot.rowsOf(1), many)
})

test('the number of requests may run over', () => {
  const slot = new SharedSlot()
  new Int32Array(slot.memory)[0] = 2 ** 31 - 1
  equal(slot.isWaiting(2 ** 31 - 1), false)
  slot.store(rows, new Uint8Array(5))
  equal(slot.isWaiting(2 ** 31 - 1), true)
  equal(slot.rowsOf(-(2 ** 31))?.length, 2)
  equal(slot.isWaiting(-(2 ** 31)), false)
})

test('a thread that sleeps is woken by a request, and can be ended', async () => {
  const slot = new SharedSlot()
  const code = `
    const { parentPort, workerData } = require('node:worker_threads')
    import(workerData.module).then(({ SharedSlot }) => {
      const slot = new SharedSlot(workerData.memory)
      for (let served = 0; ; served++) {
        parentPort.postMessage(served)
        slot.wait(served)
      }
    })`
  const module = new URL('../dist/shared-slot.js', import.meta.url).href
  const worker = new Worker(code, { eval: true, workerData: { module, memory: slot.memory } })
  for (const served of [0, 1, 2]) {
    equal(await new Promise((resolve) => worker.once('message', resolve)), served)
    slot.announce()
  }
  await worker.terminate()
})

test('writes that do not fit into the slot, and those that find it taken, are done in their order', async () => {
  using folder = new TemporaryFolder()
  await using store = await SqliteStore.open({ path: folder.file() })
  const scattered = Array.from({ length: 1_000 }, (_, at) => entries(2 * at + 1, 2 * at + 1)[0]!)
  const large = entries(2_001, 2_001, SLOT_BYTES)
  const writes = [scattered, large, entries(2_002, 2_010), large, entries(2_002, 2_003)]
  const done: number[] = []
  await Promise.all(writes.map((logs, at) => store.storeLogs(logs).then(() => done.push(at))))
  deepEqual(done, [0, 1, 2, 3, 4])
  deepEqual([store.firstIndex(), store.lastIndex()], [1, 2_010])
  deepEqual((await store.getLog(1_999)).data, entries(1_999, 1_999)[0]!.data)
  deepEqual((await store.getLog(2_001)).data?.length, SLOT_BYTES)
  const rest = await store.getLogs({ from: 2_002, through: 2_010, maxBytes: Infinity })
  deepEqual(
    rest.map(({ index, data }) => [index, data?.length]),
    entries(2_002, 2_010).map(({ index, data }) => [index, data?.length]),
  )
})
