import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SqliteStore } from '@raft/store-sqlite'
import { testLogStore, testStableStore } from '@raft/testing/conformance'
import { test } from 'vitest'
import { TemporaryFolder } from './stores.ts'

const paths = new WeakMap<SqliteStore, string>()

async function open(path: string): Promise<SqliteStore> {
  const store = await SqliteStore.open({ path })
  paths.set(store, path)
  return store
}

const setup = {
  create: () => open(new TemporaryFolder().file()),
  async reopen(store: SqliteStore): Promise<SqliteStore> {
    await store.close()
    return open(paths.get(store)!)
  },
  async dispose(store: SqliteStore): Promise<void> {
    await store.close()
    await rm(dirname(paths.get(store)!), { recursive: true })
  },
}

testLogStore(test, setup)
testStableStore(test, setup)
