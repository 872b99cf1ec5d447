import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
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

/** The memory map is made anew from the log of writes; the mark is written once that is durable. */
function order(file: string): number | undefined {
  if (file.endsWith('-shm')) return undefined
  return file.endsWith('-mark') ? 1 : 0
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
  crash: {
    folder: (store: SqliteStore) => dirname(paths.get(store)!),
    open: (folder: string) => open(join(folder, 'raft.db')),
    order,
    detectsDamage: true,
  },
}

testLogStore(test, setup)
testStableStore(test, setup)
