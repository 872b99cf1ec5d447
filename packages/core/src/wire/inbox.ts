import { DecodeError } from '../types/errors.ts'
import { endOfInput, Reader, smallBuffer } from './codec/reader.ts'
import { Skimmer } from './codec/skimmer.ts'

const nothing = new Uint8Array(0)
const leastRoom = 4_096
/** What is as long as this has often not come whole: to look for its end is cheaper than to decode it twice. */
const longBytes = 32_768
/**
 * Gathering buffers up to this size are used again, by whichever connection is next: one is kept for all. They grow to
 * twice what a leader sends at a time, which is a mebibyte of commands.
 */
const mostSpareBytes = 4_194_304
let spare: Uint8Array | undefined

/**
 * The bytes of one direction of a connection, as they arrive, and the messages in them. A message is decoded where it
 * lies in the chunk it came in. One that came in pieces is gathered in a buffer that grows with what arrives, and a
 * skimmer watches for its end, so that bytes that trickle in are each looked at once.
 */
export class Inbox {
  /** Bytes of the message that was taken last. */
  taken = 0
  private readonly reader = new Reader()
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

  constructor(maxMessageBytes: number) {
    this.maxMessageBytes = maxMessageBytes
  }

  /** Bytes that are here and were not taken. */
  get length(): number {
    return this.end - this.start
  }

  /** Adds a chunk, which nobody may change afterwards. */
  push(chunk: Uint8Array): void {
    if (this.start === this.end) {
      this.bytes = chunk
      this.start = 0
      this.end = chunk.length
      this.own = false
      return
    }
    if (!this.own || this.end + chunk.length > this.bytes.length) this.gather(chunk.length)
    this.bytes.set(chunk, this.end)
    this.end += chunk.length
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
    const { reader } = this
    reader.maxBytes = Math.min(maxBytes, this.maxMessageBytes)
    if (this.skimmer === undefined && this.length >= longBytes) {
      this.skimmer = new Skimmer({ values, maxBytes: reader.maxBytes })
    } else if (this.skimmer === undefined) {
      try {
        const message = decode(reader.reset(this.bytes, this.start, this.end))
        this.passOver(reader.offset - this.start)
        return message
      } catch (error) {
        if (error !== endOfInput) throw error
        this.skimmer = new Skimmer({ values, maxBytes: reader.maxBytes })
      }
    }
    const skimmer = this.skimmer
    if (!skimmer.advance(this.bytes, this.start, this.end)) return undefined
    this.skimmer = undefined
    const message = decodeWhole(decode, reader.reset(this.bytes, this.start, this.start + skimmer.length))
    this.passOver(skimmer.length)
    return message
  }

  private passOver(length: number): void {
    if (length > this.reader.maxBytes)
      throw new DecodeError(`a message of ${length} bytes, more than ${this.reader.maxBytes}`)
    this.taken = length
    this.start += length
    this.letGo()
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
    return decode(reader)
  } catch (error) {
    throw error === endOfInput ? new DecodeError('the message does not end where its values do') : error
  }
}
