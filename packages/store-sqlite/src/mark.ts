import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { damaged } from './failures.ts'
import { readInteger, writeInteger } from './integers.ts'

/** The serials of the newest records that were durable: what the database must hold at least. */
export interface MarkedSerials {
  readonly state: number
  readonly log: number
}

const MAGIC = Buffer.from('raftmark')
const BYTES = 28

/**
 * A small file beside the database that is overwritten after each commit with what was committed. SQLite drops a
 * damaged end of its write-ahead log without a word; this is what shows it. It is written without a sync, which costs
 * next to nothing: after a crash of the process it is exact, after a power cut it may be some seconds old, and it never
 * claims what was not durable.
 */
export class Mark {
  readonly #descriptor: number
  readonly #bytes = Buffer.alloc(BYTES)
  /** What the checksum is of. */
  readonly #checked = this.#bytes.subarray(0, 24)
  readonly #view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, BYTES)

  private constructor(descriptor: number) {
    this.#descriptor = descriptor
    MAGIC.copy(this.#bytes)
  }

  /** Makes the file, durably, with nothing committed. Must not exist. */
  static create(path: string): Mark {
    const mark = new Mark(openSync(path, 'wx+', 0o600))
    mark.write({ state: 0, log: 0 })
    mark.sync()
    syncFolder(dirname(path))
    return mark
  }

  /** Opens the file. Throws `CorruptError` if it is damaged, and what the system says if it is missing. */
  static open(path: string): { readonly mark: Mark; readonly serials: MarkedSerials } {
    const mark = new Mark(openSync(path, 'r+'))
    const serials = mark.#read()
    if (serials !== undefined) return { mark, serials }
    mark.close()
    throw damaged(path, 'its checksum is wrong')
  }

  /** Notes what was committed. */
  write({ state, log }: MarkedSerials): void {
    writeInteger(this.#view, 8, state)
    writeInteger(this.#view, 16, log)
    this.#view.setUint32(24, crc32(this.#checked), true)
    const written = writeSync(this.#descriptor, this.#bytes, 0, BYTES, 0)
    if (written !== BYTES) throw new Error(`wrote ${written} of ${BYTES} bytes of the mark`)
  }

  /** Makes the last `write` durable. */
  sync(): void {
    fsyncSync(this.#descriptor)
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  #read(): MarkedSerials | undefined {
    // One byte more than there should be, so that a file that is too long is noticed.
    const bytes = Buffer.alloc(BYTES + 1)
    if (readSync(this.#descriptor, bytes, 0, BYTES + 1, 0) !== BYTES) return undefined
    const view = new DataView(bytes.buffer, bytes.byteOffset, BYTES)
    if (!bytes.subarray(0, 8).equals(MAGIC) || view.getUint32(24, true) !== crc32(bytes.subarray(0, 24)))
      return undefined
    return { state: readInteger(view, 8), log: readInteger(view, 16) }
  }
}

/** Makes the names in a folder durable. Windows knows no such thing, and needs none. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
