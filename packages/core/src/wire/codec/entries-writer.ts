import type { Log } from '../../types/log.ts'
import { writeLog } from './log.ts'
import type { Writer } from './writer.ts'

/** For fewer it does not pay to look whether they were just written. */
const worthSharing = 8
/** An entry seldom takes more than this besides its data and extensions. */
const frameBytes = 96

/**
 * Writes the entries of AppendEntries. A leader sends the same ones to every server, one right after the other: they are
 * encoded once, and copied from there.
 */
export class EntriesWriter {
  readonly #newTimeFormat: boolean
  #last: readonly Log[] | undefined
  #lastBytes: Uint8Array | undefined

  /** `newTimeFormat`: times as MessagePack timestamps. */
  constructor(newTimeFormat: boolean) {
    this.#newTimeFormat = newTimeFormat
  }

  /** Writes an array of entries. An array that was written before must not have changed. */
  write(writer: Writer, entries: readonly Log[]): void {
    if (entries === this.#last) return writer.raw(this.#lastBytes!)
    if (entries.length < worthSharing) return this.#encode(writer, entries)
    let expected = 0
    for (const { data, extensions } of entries) {
      expected += frameBytes + (data?.length ?? 0) + (extensions?.length ?? 0)
    }
    writer.reserve(expected)
    const start = writer.length
    this.#encode(writer, entries)
    this.#last = entries
    this.#lastBytes = writer.viewFrom(start)
  }

  /** What was written last may be written over. */
  forget(): void {
    this.#last = undefined
    this.#lastBytes = undefined
  }

  #encode(writer: Writer, entries: readonly Log[]): void {
    writer.array(entries.length)
    for (const entry of entries) writeLog(writer, entry, this.#newTimeFormat)
  }
}
