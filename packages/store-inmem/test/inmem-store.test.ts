import { deepEqual, equal, throws } from 'node:assert/strict'
import { type Log, LogType } from '@raft/core'
import { test } from 'vitest'
import { InmemStore } from '../src/index.ts'

const logAt = (index: number): Log => ({ index, term: 1, type: LogType.Command, data: Uint8Array.of(index) })

// The conformance suites run in the tests of @raft/testing, which depends on this package.

test('answers without a promise', () => {
  const store = new InmemStore()
  equal(store.storeLogs([logAt(1)]), undefined)
  equal(store.firstIndex(), 1)
  equal(store.get('missing'), undefined)
})

test('keeps the bytes of an entry where they are', () => {
  const store = new InmemStore()
  const log = logAt(7)
  store.storeLog(log)
  deepEqual(store.getLog(7), { ...log, extensions: undefined, appendedAt: undefined })
  equal(store.getLog(7).data!.buffer, log.data!.buffer)
})

test('a range delete of an empty store leaves it empty', () => {
  const store = new InmemStore()
  store.deleteRange(0, 0)
  deepEqual([store.firstIndex(), store.lastIndex()], [0, 0])
  store.storeLog(logAt(5))
  deepEqual([store.firstIndex(), store.lastIndex()], [5, 5])
})

test('refuses what is no index, and stores nothing of the batch', () => {
  const store = new InmemStore()
  for (const index of [0, -1, 1.5, Number.MAX_SAFE_INTEGER + 1, Number.NaN]) {
    throws(() => store.storeLogs([logAt(1), logAt(index)]), RangeError)
    throws(() => store.write({ set: [{ key: 'vote', value: new Uint8Array(1) }], logs: [logAt(index)] }), RangeError)
  }
  equal(store.lastIndex(), 0)
  equal(store.get('vote'), undefined)
})

test('refuses numbers that are none, or that no number can hold', () => {
  const store = new InmemStore()
  for (const value of [-1, 0.5, 2 ** 53, Number.NaN]) throws(() => store.setUint64('term', value), RangeError)
  store.set('term', new Uint8Array(8).fill(0xff))
  throws(() => store.getUint64('term'), { code: 'ERR_RAFT_STORE' })
})
