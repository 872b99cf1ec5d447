import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** What a folder holds: the bytes of each file, by its path from the folder. */
export type FolderImage = ReadonlyMap<string, Uint8Array>

/** One state in which a power cut may leave a folder. */
export interface CrashImage {
  /** In words: which file was cut where. */
  readonly what: string
  readonly files: FolderImage
}

/** What a disk writes whole or not at all. */
const SECTOR = 512

/** Reads all files of a folder. */
export async function readFolder(folder: string): Promise<FolderImage> {
  const files = new Map<string, Uint8Array>()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    files.set(path.slice(folder.length + 1).replaceAll('\\', '/'), Uint8Array.from(await readFile(path)))
  }
  return files
}

/** Writes files into a new folder, and gives its path. */
export async function writeFolder(files: FolderImage): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'raft-crash-'))
  for (const [name, bytes] of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), bytes)
  }
  return folder
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}

/**
 * The states in which a power cut may leave a folder in the middle of a write: each changed file in turn is cut, with
 * those of a lower order as they are after the write, and the others as they were. `order` is undefined for a file that
 * is made anew from others; it stays as it was. The first state is that of before, the last that of after.
 */
export function* crashImages(
  before: FolderImage,
  after: FolderImage,
  order: (file: string) => number | undefined,
): Generator<CrashImage> {
  const names = [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => order(name) !== undefined && !same(before.get(name), after.get(name)))
    .sort((one, other) => order(one)! - order(other)! || (one < other ? -1 : 1))
  yield { what: 'nothing of it is written', files: before }
  const files = new Map(before)
  for (const name of names) {
    for (const { what, bytes } of cuts(before.get(name), after.get(name))) {
      yield { what: `${name} ${what}`, files: new Map(files).set(name, bytes) }
    }
    const written = after.get(name)
    if (written === undefined) files.delete(name)
    else files.set(name, written)
  }
  yield { what: 'all of it is written', files }
}

interface Cut {
  readonly what: string
  readonly bytes: Uint8Array
}

function* cuts(before: Uint8Array | undefined, after: Uint8Array | undefined): Generator<Cut> {
  if (after === undefined) return
  const old = before ?? new Uint8Array(0)
  if (before === undefined) yield { what: 'is there, and empty', bytes: old }
  if (after.length < old.length) return
  yield* overwrites(old, after)
  const added = after.length - old.length
  if (added === 0) return
  const base = after.subarray(0, old.length)
  for (const length of lengths(added)) {
    yield { what: `has ${length} of ${added} new bytes`, bytes: after.slice(0, old.length + length) }
  }
  // The length of a file may be on the disk before what is in it, and its sectors come in any order.
  const zeros = new Uint8Array(added)
  yield { what: `has ${added} zeros in place of new bytes`, bytes: join2(base, zeros) }
  const half = zeros.slice()
  half.set(after.subarray(old.length + (added >>> 1)), added >>> 1)
  yield { what: `has zeros in place of the first half of ${added} new bytes`, bytes: join2(base, half) }
  const start = after.slice(old.length)
  start.fill(0, added >>> 1)
  yield { what: `has zeros in place of the second half of ${added} new bytes`, bytes: join2(base, start) }
}

/** What lies within the old length changes sector by sector. */
function* overwrites(old: Uint8Array, after: Uint8Array): Generator<Cut> {
  const changed: number[] = []
  for (let at = 0; at < old.length; at += SECTOR) {
    const end = Math.min(at + SECTOR, old.length)
    if (!same(old.subarray(at, end), after.subarray(at, end))) changed.push(at)
  }
  for (const count of lengths(changed.length)) {
    if (count === 0) continue
    const bytes = old.slice()
    for (const at of changed.slice(0, count)) bytes.set(after.subarray(at, Math.min(at + SECTOR, old.length)), at)
    yield { what: `has ${count} of ${changed.length} overwritten sectors`, bytes }
  }
}

/** Lengths below a whole: near both ends, at the edge of a sector, and half of it. */
function lengths(whole: number): readonly number[] {
  const found = new Set([1, SECTOR, whole >>> 1, whole - 1].filter((length) => length > 0 && length < whole))
  return [...found].sort((one, other) => one - other)
}

function join2(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length)
  all.set(first)
  all.set(second, first.length)
  return all
}

function same(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return Buffer.compare(one, other) === 0
}

/** The folder with one bit of one file turned. */
export function* rottenImages(files: FolderImage, order: (file: string) => number | undefined): Generator<CrashImage> {
  for (const [name, bytes] of files) {
    if (order(name) === undefined || bytes.length === 0) continue
    for (const at of [...lengths(bytes.length), 0]) {
      const rotten = bytes.slice()
      rotten[at]! ^= 0x04
      yield {
        what: `a bit of ${name} is turned at byte ${at} of ${bytes.length}`,
        files: new Map(files).set(name, rotten),
      }
    }
  }
}
