import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What `statfs` calls a file system in memory on Linux. */
const TMPFS = 0x0102_1994

/** Runs something with a new folder on a disk, and removes it afterwards. Rejects if the place is in memory. */
export async function withFolder<T>(use: (folder: string) => Promise<T>, place = tmpdir()): Promise<T> {
  if ((await statfs(place)).type === TMPFS) {
    throw new Error(`${place} is in memory, and no disk would be measured. Name a folder on a disk: TMPDIR=/somewhere`)
  }
  const folder = await mkdtemp(join(place, 'raft-bench-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
