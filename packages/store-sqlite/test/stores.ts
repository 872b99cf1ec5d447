import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder for a test's files, removed when the test disposes of it. */
export class TemporaryFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'raft-store-sqlite-'))

  /** A file in the folder. */
  file(name = 'raft.db'): string {
    return join(this.path, name)
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
