import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { StoreSetup } from '@raft/testing/conformance'
import { FileStore } from '../src/file-store.ts'

const open = (folder: string): FileStore => new FileStore(join(folder, 'journal'))

/** How the suites get their stores. */
export const setup: StoreSetup<FileStore> = {
  create: () => open(mkdtempSync(join(tmpdir(), 'raft-store-'))),
  reopen(store) {
    store.close()
    return new FileStore(store.path)
  },
  dispose(store) {
    store.close()
    rmSync(dirname(store.path), { recursive: true })
  },
  crash: { folder: (store) => dirname(store.path), open, detectsDamage: true },
}
