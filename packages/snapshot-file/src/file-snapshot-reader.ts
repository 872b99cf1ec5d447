import { type FileHandle, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CorruptError, SnapshotError, type SnapshotMeta, type SnapshotReader } from '@raft/core'
import { Crc64 } from './crc64.ts'
import { messageOf } from './files.ts'
import { decodeMeta, type StoredMeta } from './meta.ts'

/** What is read at a time. It bounds how long the checksum keeps the event loop. */
const BLOCK_BYTES = 262_144

const advice =
  'Remove the folder if there is a newer snapshot; else remove this server from the cluster and add it again, empty'

/** A snapshot opened for reading; its checksum was right when it was opened. */
export class FileSnapshotReader implements SnapshotReader {
  readonly meta: SnapshotMeta
  readonly #path: string
  readonly #file: FileHandle
  #isClosed = false

  /** Opens the snapshot in a folder and reads it once to check it. */
  static async open(folder: string, id: string): Promise<FileSnapshotReader> {
    const { meta, checksum } = await readMeta(folder, id)
    const path = join(folder, 'state.bin')
    let file: FileHandle
    try {
      file = await open(path, 'r')
    } catch (error) {
      throw new SnapshotError(`failed to open snapshot ${folder}: ${messageOf(error)}`, { cause: error })
    }
    const reader = new FileSnapshotReader(meta, path, file)
    try {
      await reader.#check(checksum)
      return reader
    } catch (error) {
      await file.close()
      throw error
    }
  }

  private constructor(meta: SnapshotMeta, path: string, file: FileHandle) {
    this.meta = meta
    this.#path = path
    this.#file = file
  }

  /** The state, in chunks that are the receiver's to keep. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (let position = 0; position < this.meta.size;) {
      if (this.#isClosed) throw new SnapshotError(`${this.#path} is closed`)
      const block = Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, this.meta.size - position))
      const { bytesRead } = await this.#file.read(block, 0, block.length, position)
      if (bytesRead === 0) throw this.#damaged('it has become shorter')
      position += bytesRead
      yield new Uint8Array(block.buffer, 0, bytesRead)
    }
  }

  /** Closes the file. A second call does nothing. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#file.close()
  }

  async #check(expected: Uint8Array | undefined): Promise<void> {
    const checksum = new Crc64()
    const block = Buffer.allocUnsafe(BLOCK_BYTES)
    let size = 0
    for (;;) {
      const { bytesRead } = await this.#file.read(block, 0, BLOCK_BYTES, size)
      if (bytesRead === 0) break
      checksum.update(block.subarray(0, bytesRead))
      size += bytesRead
    }
    if (expected === undefined || !Buffer.from(checksum.digest()).equals(expected)) throw this.#damaged('CRC mismatch')
    if (size !== this.meta.size) throw this.#damaged(`it has ${size} bytes, and its metadata says ${this.meta.size}`)
  }

  #damaged(why: string): CorruptError {
    return new CorruptError(`${this.#path} is damaged: ${why}. ${advice}`)
  }
}

/** Reads a snapshot's metadata. Rejects with `SnapshotError` if it cannot be read, `CorruptError` if it makes no sense. */
export async function readMeta(folder: string, id: string): Promise<StoredMeta> {
  const path = join(folder, 'meta.json')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new SnapshotError(`failed to open snapshot ${folder}: ${messageOf(error)}`, { cause: error })
  }
  try {
    return decodeMeta(text, id)
  } catch (error) {
    throw new CorruptError(`${path} is damaged, or of another program: ${messageOf(error)}. ${advice}`, {
      cause: error,
    })
  }
}
