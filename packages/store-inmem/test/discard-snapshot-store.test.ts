import { deepEqual, equal, throws } from 'node:assert/strict'
import { NO_SERVERS } from '@raft/core'
import { test } from 'vitest'
import { DiscardSnapshotStore } from '../src/index.ts'

const description = { version: 1, index: 3, term: 2, configuration: { servers: NO_SERVERS }, configurationIndex: 1 }

test('takes a snapshot and keeps none', () => {
  const store = new DiscardSnapshotStore()
  const sink = store.create(description)
  sink.write(new Uint8Array(10))
  sink.close()
  equal(sink.id, 'discard')
  deepEqual(store.list(), [])
  throws(() => store.open('discard'), { message: 'open is not supported' })
})

test('does not report a cancelled snapshot as a success', () => {
  const sink = new DiscardSnapshotStore().create(description)
  sink.cancel()
  sink.cancel()
  throws(() => sink.close(), { code: 'ERR_RAFT_SNAPSHOT' })
})
