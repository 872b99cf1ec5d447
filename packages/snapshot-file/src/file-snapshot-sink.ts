import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SnapshotError, type SnapshotMeta, type SnapshotSink } from '@raft/core'
import { Crc64 } from './crc64.ts'
import { FILE_MODE, messageOf, syncFolder, writeAll, writeFileDurably } from './files.ts'
import { encodeMeta } from './meta.ts'

/** What is written at a time. It bounds how long the checksum keeps the event loop. */
const BLOCK_BYTES = 262_144

/** Where a snapshot is written, and what is done when it is there. */
export interface SinkPlace {
  /** The folder that it will be. */
  readonly folder: string
  /** The folder that it is until then; exists, and is empty. */
  readonly temporary: string
  /** Called when the snapshot is durable and listed. */
  readonly completed: () => Promise<void>
}

/**
 * A snapshot being written to a folder. It is complete, and visible, once `close` has resolved; until then a crash
 * leaves a folder whose name ends with `.tmp`, which the next opening removes.
 */
export class FileSnapshotSink implements SnapshotSink {
  readonly #meta: SnapshotMeta
  readonly #place: SinkPlace
  readonly #state: FileHandle
  readonly #checksum = new Crc64()
  readonly #block = Buffer.allocUnsafe(BLOCK_BYTES)
  /** Bytes of the block that are written. */
  #used = 0
  #size = 0
  #failure: unknown
  #closing: Promise<void> | undefined
  #cancelling: Promise<void> | undefined

  /** Starts to write: metadata that says that nothing is complete, and an empty state. */
  static async start(meta: SnapshotMeta, place: SinkPlace): Promise<FileSnapshotSink> {
    await writeFileDurably(join(place.temporary, 'meta.json'), encodeMeta({ meta, checksum: undefined }))
    return new FileSnapshotSink(meta, place, await open(join(place.temporary, 'state.bin'), 'wx', FILE_MODE))
  }

  private constructor(meta: SnapshotMeta, place: SinkPlace, state: FileHandle) {
    this.#meta = meta
    this.#place = place
    this.#state = state
  }

  /** The name of the snapshot's folder. */
  get id(): string {
    return this.#meta.id
  }

  /**
   * Appends to the state; small chunks are collected. Rejects with `SnapshotError` if the disk fails, and from then on
   * every time, as it does once the sink is closed or cancelled.
   */
  async write(chunk: Uint8Array): Promise<void> {
    this.#requireOpen()
    let from = 0
    while (from < chunk.length) {
      const part = chunk.subarray(from, from + BLOCK_BYTES - this.#used)
      this.#block.set(part, this.#used)
      this.#used += part.length
      from += part.length
      if (this.#used === BLOCK_BYTES) await this.#flush()
    }
  }

  /**
   * Makes the snapshot durable, then visible, then removes those that are too many. Rejects with `SnapshotError` if the
   * disk fails, and after `cancel`; there is no snapshot then. A second call gives what the first one gave.
   */
  close(): Promise<void> {
    if (this.#cancelling !== undefined) return Promise.reject(this.#error('it is cancelled'))
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Removes what was written. A second call, or one after `close`, does nothing. */
  cancel(): Promise<void> {
    if (this.#closing !== undefined) return Promise.resolve()
    this.#cancelling ??= this.#discard()
    return this.#cancelling
  }

  async #close(): Promise<void> {
    try {
      await this.#finishState()
      const meta = { ...this.#meta, size: this.#size }
      const { folder, temporary } = this.#place
      await writeFileDurably(join(temporary, 'meta.json'), encodeMeta({ meta, checksum: this.#checksum.digest() }))
      await syncFolder(temporary)
      await rename(temporary, folder)
      await this.#syncName()
    } catch (error) {
      // What the removal says is of no interest beside that; the next opening tries again.
      await this.#discard().catch(() => undefined)
      throw this.#error(messageOf(error), error)
    }
    await this.#place.completed()
  }

  async #syncName(): Promise<void> {
    const { folder, temporary } = this.#place
    try {
      await syncFolder(dirname(folder))
    } catch (error) {
      // Nobody may see a snapshot that was not reported.
      await rename(folder, temporary)
      throw error
    }
  }

  async #finishState(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    await this.#flush()
    await this.#state.sync()
    const { size } = await this.#state.stat()
    if (size !== this.#size) throw new Error(`state.bin has ${size} bytes, and ${this.#size} were written`)
    await this.#state.close()
  }

  async #flush(): Promise<void> {
    const bytes = this.#block.subarray(0, this.#used)
    this.#used = 0
    try {
      this.#checksum.update(bytes)
      await writeAll(this.#state, bytes)
      this.#size += bytes.length
    } catch (error) {
      this.#failure = error
      throw this.#error(messageOf(error), error)
    }
  }

  async #discard(): Promise<void> {
    await this.#state.close()
    await rm(this.#place.temporary, { recursive: true, force: true })
  }

  #requireOpen(): void {
    if (this.#failure !== undefined) throw this.#error(messageOf(this.#failure), this.#failure)
    if (this.#cancelling !== undefined) throw this.#error('it is cancelled')
    if (this.#closing !== undefined) throw this.#error('it is closed')
  }

  #error(why: string, cause?: unknown): SnapshotError {
    return new SnapshotError(`cannot write snapshot ${this.#place.folder}: ${why}`, { cause })
  }
}
