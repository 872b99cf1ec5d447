import { rm } from 'node:fs/promises'
import { FileSnapshotStore } from '@raft/snapshot-file'
import { makeFileSnapshotStore } from '@raft/snapshot-file/testing'
import { testSnapshotStore } from '@raft/testing/conformance'
import { test } from 'vitest'

const folders = new WeakMap<FileSnapshotStore, string>()

testSnapshotStore(test, {
  async create() {
    const { store, dir } = await makeFileSnapshotStore()
    folders.set(store, dir)
    return store
  },
  async reopen(store) {
    const dir = folders.get(store)!
    const reopened = await FileSnapshotStore.open({ dir, retain: 3 })
    folders.set(reopened, dir)
    return reopened
  },
  dispose: (store) => rm(folders.get(store)!, { recursive: true }),
  crash: {
    folder: (store) => folders.get(store)!,
    async open(dir) {
      const store = await FileSnapshotStore.open({ dir, retain: 3 })
      folders.set(store, dir)
      return store
    },
    detectsDamage: true,
  },
})
