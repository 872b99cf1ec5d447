/**
 * A snapshot store for tests.
 *
 * @packageDocumentation
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileSnapshotStore } from './file-snapshot-store.ts'

/** A snapshot store in a temporary folder. */
export interface TemporaryFileSnapshotStore extends AsyncDisposable {
  /** Keeps three snapshots. */
  readonly store: FileSnapshotStore
  /** The folder that `snapshots` is in. */
  readonly dir: string
}

/** Makes a snapshot store in a temporary folder, which is removed when the result is disposed of (`FileSnapTest`). */
export async function makeFileSnapshotStore(): Promise<TemporaryFileSnapshotStore> {
  const dir = await mkdtemp(join(tmpdir(), 'raft-snapshots-'))
  return {
    store: await FileSnapshotStore.open({ dir, retain: 3 }),
    dir,
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  }
}
