import type { Log } from '../../types/log.ts'
import { writeLog } from './log.ts'
import { Writer } from './writer.ts'

/** For fewer it does not pay to look whether they were just written. */
const worthSharing = 8
/** In more bytes than these, nearly all are data, which has to be copied either way. */
const mostSharedBytes = 2_097_152
/** Arrays that are remembered: servers that lag by a message or two still ask for the same. */
const remembered = 4
/** An entry seldom takes more than this besides its data and extensions. */
const frameBytes = 96

/** Entries, and their bytes in a buffer that is used again for others. */
interface Shared {
  entries: readonly Log[] | undefined
  bytes: Uint8Array
  readonly writer: Writer
}

/**
 * Writes the entries of AppendEntries. A leader sends the same ones to every server, at about the same time: they are
 * encoded once, and copied from there.
 */
export class EntriesWriter {
  readonly #newTimeFormat: boolean
  readonly #shared: Shared[] = []
  #oldest = 0

  /** `newTimeFormat`: times as MessagePack timestamps. */
  constructor(newTimeFormat: boolean) {
    this.#newTimeFormat = newTimeFormat
  }

  /** Writes an array of entries. An array that was written before must not have changed. */
  write(writer: Writer, entries: readonly Log[]): void {
    if (entries.length < worthSharing) return this.#encode(writer, entries)
    const known = this.#shared.find((shared) => shared.entries === entries)
    if (known !== undefined) return writer.raw(known.bytes)
    let expected = 0
    for (const { data, extensions } of entries) {
      expected += frameBytes + (data?.length ?? 0) + (extensions?.length ?? 0)
    }
    if (expected <= mostSharedBytes) return writer.raw(this.#share(entries, expected))
    writer.reserve(expected)
    this.#encode(writer, entries)
  }

  /** Encodes entries in the place of those that were remembered longest. */
  #share(entries: readonly Log[], expected: number): Uint8Array {
    const shared = (this.#shared[this.#oldest] ??= {
      entries: undefined,
      bytes: new Uint8Array(0),
      writer: new Writer(),
    })
    this.#oldest = (this.#oldest + 1) % remembered
    // Not known by these bytes any more, even if the new ones cannot be encoded.
    shared.entries = undefined
    shared.writer.truncate(0)
    shared.writer.reserve(expected)
    this.#encode(shared.writer, entries)
    shared.entries = entries
    shared.bytes = shared.writer.viewFrom(0)
    return shared.bytes
  }

  #encode(writer: Writer, entries: readonly Log[]): void {
    writer.array(entries.length)
    for (const entry of entries) writeLog(writer, entry, this.#newTimeFormat)
  }
}
