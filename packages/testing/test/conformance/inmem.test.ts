import { DiscardSnapshotStore, InmemSnapshotStore, InmemStore } from '@raft/store-inmem'
import { describe, test } from 'vitest'
import { testLogStore, testSnapshotStore, testStableStore } from '../../src/conformance/index.ts'

// Here, and not in @raft/store-inmem, because that package comes before this one in the tree of imports.

describe('InmemStore', () => {
  testLogStore(test, { create: () => new InmemStore() })
  testStableStore(test, { create: () => new InmemStore() })
})

describe('InmemSnapshotStore', () => testSnapshotStore(test, { create: () => new InmemSnapshotStore() }))

describe('DiscardSnapshotStore', () => testSnapshotStore(test, { create: () => new DiscardSnapshotStore() }))
