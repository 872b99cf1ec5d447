import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The mode of what is made: a state is as private as the log it came from. */
export const FOLDER_MODE = 0o700
export const FILE_MODE = 0o600

/** Writes all bytes. On a full disk a write may end early without an error, and only the next one tells. */
export async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let from = 0
  while (from < bytes.length) {
    const { bytesWritten } = await file.write(bytes, from, bytes.length - from)
    if (bytesWritten === 0) throw new Error('nothing was written')
    from += bytesWritten
  }
}

/** Replaces a file's content, durably. */
export async function writeFileDurably(path: string, content: string): Promise<void> {
  const file = await open(path, 'w', FILE_MODE)
  try {
    await writeAll(file, Buffer.from(content))
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes the names in a folder durable. Windows knows no such thing, and needs none. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Makes a folder, and those above it that are missing; their names are durable then. */
export async function makeFolder(path: string): Promise<void> {
  const first = (await mkdir(path, { recursive: true, mode: FOLDER_MODE })) ?? path
  // Its own name in any case: a process that was killed may have made it without having synced it.
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    await syncFolder(folder)
    if (folder === dirname(first) || folder === dirname(folder)) return
  }
}

/** Whether the system says that there is no such file or folder. */
export function isMissing(error: unknown): boolean {
  return hasCode(error, 'ENOENT')
}

/** Whether the system gave this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
