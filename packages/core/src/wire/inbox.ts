import { DecodeError } from '../types/errors.ts'
import { BytePool } from './byte-pool.ts'
import { endOfInput, Reader, smallBuffer } from './codec/reader.ts'
import { valuesLeft } from './codec/schema.ts'
import { Skimmer } from './codec/skimmer.ts'

const nothing = new Uint8Array(0)
const leastRoom = 4_096
/** Of a chunk, what is put behind the beginning of an entry that the chunk before it ended with: most are no longer. */
const seamBytes = 4_096
/**
 * Gathering buffers up to this size are used again, by whichever connection is next: one is kept for all. They grow to
 * twice what a leader sends at a time, which is a mebibyte of commands.
 */
const mostSpareBytes = 4_194_304
let spare: Uint8Array | undefined
/** Of all connections: with blocks of its own for each, those that bring little would keep much. */
const pool = new BytePool()

/**
 * The bytes of one direction of a connection, as they arrive, and the messages in them. A message is decoded where it
 * lies in the chunks it came in, as far as whole entries have come. When that does not help, what has come is gathered in
 * a buffer that grows with it, and a skimmer watches for the end, so that bytes that trickle in are each looked at once.
 */
export class Inbox {
  /** Bytes of the message that was taken last. */
  taken = 0
  private readonly reader = new Reader(pool)
  private readonly maxMessageBytes: number
  private bytes: Uint8Array = nothing
  private start = 0
  private end = 0
  /** The chunk in hand is our own buffer, whose room after `end` may be filled. */
  private own = false
  /** Some of our own buffer was handed out as it is. */
  private lent = false
  /** Looks for the end of a message of which only a part is here. */
  private skimmer: Skimmer | undefined
  /** Bytes of the message in hand that were decoded and are gone. */
  private gone = 0
  /** The chunk that follows the one in hand, which ends with the beginning of an entry. */
  private next: Uint8Array | undefined

  constructor(maxMessageBytes: number) {
    this.maxMessageBytes = maxMessageBytes
  }

  /** Bytes that are here and were not taken. */
  get length(): number {
    return this.end - this.start + (this.next?.length ?? 0)
  }

  /** Adds a chunk, which nobody may change afterwards. */
  push(chunk: Uint8Array): void {
    if (this.start === this.end) return this.hold(chunk, 0)
    const { next } = this
    const mayGoOn = this.reader.cut !== undefined && this.skimmer === undefined && this.end - this.start < seamBytes
    if (next === undefined && mayGoOn) {
      this.next = chunk
      return
    }
    this.next = undefined
    if (next !== undefined) this.append(next)
    this.append(chunk)
  }

  /** The next byte, or `undefined` if none is here. */
  takeByte(): number | undefined {
    if (this.start === this.end) return undefined
    const byte = this.bytes[this.start++]
    this.letGo()
    return byte
  }

  /** The next bytes as they are, `most` at most; `undefined` if none are here. */
  takeRaw(most: number): Uint8Array | undefined {
    if (this.start === this.end) return undefined
    const raw = this.bytes.subarray(this.start, Math.min(this.end, this.start + most))
    this.start += raw.length
    this.lent = true
    this.letGo()
    return raw
  }

  /**
   * What `decode` makes of the next message, which is `values` MessagePack values; `undefined` as long as it is not
   * here whole. Throws `DecodeError`; the bytes that follow are then without meaning. `maxBytes` is what this message
   * may be, if less than any.
   */
  take<T>(values: number, decode: (reader: Reader) => T, maxBytes: number = this.maxMessageBytes): T | undefined {
    if (this.start === this.end) return undefined
    const { reader, gone } = this
    reader.maxBytes = Math.min(maxBytes, this.maxMessageBytes)
    if (this.skimmer === undefined) {
      const message = this.cross(decode) ?? this.attempt(decode)
      if (message !== undefined || this.gone > gone) return message
      const { cut } = reader
      const left = cut === undefined ? values : values - 1 + valuesLeft(cut)
      this.skimmer = new Skimmer({ values: left, maxBytes: reader.maxBytes - gone })
    }
    const skimmer = this.skimmer
    if (!skimmer.advance(this.bytes, this.start, this.end)) return undefined
    this.skimmer = undefined
    const message = decodeWhole(decode, reader.reset(this.bytes, this.start, this.start + skimmer.length))
    this.passOver(skimmer.length)
    return message
  }

  /** Decodes as far as the bytes in hand go. */
  private attempt<T>(decode: (reader: Reader) => T): T | undefined {
    const { reader, start } = this
    let message: T
    try {
      message = decode(reader.reset(this.bytes, start, this.end))
    } catch (error) {
      if (error !== endOfInput) throw error
      return undefined
    }
    const { cut } = reader
    if (cut === undefined) {
      this.passOver(reader.offset - start)
      return message
    }
    this.gone += cut.offset - start
    this.start = cut.offset
    this.refuseLonger(this.gone + this.end - this.start)
    this.letGo()
    return undefined
  }

  /** Goes over to the next chunk, if there is one: decodes what lies in both where a part of the one follows the other. */
  private cross<T>(decode: (reader: Reader) => T): T | undefined {
    const { bytes, start, end, own, next } = this
    if (next === undefined) return undefined
    const over = end - start
    const seam = new Uint8Array(over + Math.min(next.length, seamBytes))
    seam.set(bytes.subarray(start, end))
    seam.set(next.subarray(0, seamBytes), over)
    this.next = undefined
    this.hold(seam, 0)
    const message = this.attempt(decode)
    if (this.start >= over) {
      this.hold(next, this.start - over)
      this.letGo()
    } else {
      // It is longer than that.
      this.hold(bytes, start)
      this.end = end
      this.own = own
      this.append(next)
    }
    return message
  }

  private hold(chunk: Uint8Array, start: number): void {
    this.bytes = chunk
    this.start = start
    this.end = chunk.length
    this.own = false
  }

  private passOver(length: number): void {
    this.refuseLonger(this.gone + length)
    this.taken = this.gone + length
    this.gone = 0
    this.start += length
    this.letGo()
  }

  private refuseLonger(length: number): void {
    const { maxBytes } = this.reader
    if (length > maxBytes) throw new DecodeError(`a message of ${length} bytes, more than ${maxBytes}`)
  }

  /** Keeps nothing in memory once everything was taken. */
  private letGo(): void {
    if (this.start < this.end) return
    const { length } = this.bytes
    // Of a large buffer nothing was handed out but copies, unless somebody said otherwise.
    const reusable = this.own && !this.lent && !this.reader.lent && length > smallBuffer && length <= mostSpareBytes
    if (reusable && length >= (spare?.length ?? 0)) spare = this.bytes
    this.bytes = nothing
    this.own = false
  }

  /** Puts a chunk behind what waits. */
  private append(chunk: Uint8Array): void {
    if (!this.own || this.end + chunk.length > this.bytes.length) this.gather(chunk.length)
    this.bytes.set(chunk, this.end)
    this.end += chunk.length
  }

  /** Moves what waits into a buffer of our own with room for more. What was handed out stays as it is. */
  private gather(more: number): void {
    const waiting = this.bytes.subarray(this.start, this.end)
    const needed = waiting.length + more
    const room = Math.min(2 * needed, Math.max(needed, this.maxMessageBytes + 1))
    if (spare !== undefined && spare.length >= needed && needed > smallBuffer) {
      this.bytes = spare
      spare = undefined
    } else {
      this.bytes = new Uint8Array(Math.max(leastRoom, room))
    }
    this.bytes.set(waiting)
    this.lent = this.reader.lent = false
    this.start = 0
    this.end = waiting.length
    this.own = true
  }
}

/** Decodes bytes that are known to hold the whole message, so that their end cannot be the reason to wait. */
function decodeWhole<T>(decode: (reader: Reader) => T, reader: Reader): T {
  try {
    const message = decode(reader)
    if (reader.cut !== undefined) throw endOfInput
    return message
  } catch (error) {
    throw error === endOfInput ? new DecodeError('the message does not end where its values do') : error
  }
}
