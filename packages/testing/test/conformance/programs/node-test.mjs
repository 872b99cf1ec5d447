// The suites under node:test; run by node-test.test.ts.
import { test } from 'node:test'
import { DiscardSnapshotStore, InmemStore } from '@raft/store-inmem'
import { testLogStore, testSnapshotStore, testStableStore } from '@raft/testing/conformance'

testLogStore(test, { create: () => new InmemStore() })
testStableStore(test, { create: () => new InmemStore() })
testSnapshotStore(test, { create: () => new DiscardSnapshotStore() })
