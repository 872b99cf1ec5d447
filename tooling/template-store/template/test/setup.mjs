import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { FileStore } from '../src/file-store.mjs'

const paths = new WeakMap()

function open(path) {
  const store = new FileStore(path)
  paths.set(store, path)
  return store
}

/** How the suites get their stores. */
export const setup = {
  create: () => open(join(mkdtempSync(join(tmpdir(), 'raft-store-')), 'journal')),
  reopen(store) {
    store.close()
    return open(paths.get(store))
  },
  dispose(store) {
    store.close()
    rmSync(dirname(paths.get(store)), { recursive: true })
  },
}
