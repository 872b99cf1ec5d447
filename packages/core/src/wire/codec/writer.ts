import { setBytes } from '../set-bytes.ts'
import type { Literal } from './literal.ts'

/** The first buffer of a writer, and what its buffers grow to. */
const leastSlabBytes = 1_024
const mostSlabBytes = 65_536
const text = new TextEncoder()

/**
 * Writes MessagePack exactly as Go does (spec §1.3): strings and bytes alike, integers in the shortest form of the
 * ladder of their type, no `bin`, no `ext`. What was taken is not written over, unless `reuse` allows it.
 */
export class Writer {
  private bytes: Uint8Array = new Uint8Array(0)
  /** The same buffer, for numbers. */
  private view: DataView = new DataView(this.bytes.buffer)
  private start = 0
  private end = 0

  /** Bytes written and not yet taken. */
  get length(): number {
    return this.end - this.start
  }

  /** What was written since the last call, as a view. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(this.start, this.end)
    this.start = this.end
    return taken
  }

  /** What was written after `start` bytes and not yet taken, as a view. */
  viewFrom(start: number): Uint8Array {
    return this.bytes.subarray(this.start + start, this.end)
  }

  /** Makes room for so many bytes, so that they are written without being moved. */
  reserve(count: number): void {
    if (this.end + count > this.bytes.length) this.grow(count)
  }

  /** Nobody reads what was taken any more: if it was all, what is written next takes its place. */
  reuse(): void {
    if (this.start === this.end) this.start = this.end = 0
  }

  /** Drops what was written after `length` bytes, as if it had not been. */
  truncate(length: number): void {
    this.end = this.start + length
  }

  nil(): void {
    this.byte(0xc0)
  }

  boolean(value: boolean): void {
    this.byte(value ? 0xc3 : 0xc2)
  }

  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.end++] = value
  }

  /** What was prepared by `literal`. */
  literal({ bytes, words }: Literal): void {
    const { length } = words
    this.reserve(4 * length)
    const { view, end } = this
    for (let i = 0; i < length; i++) view.setInt32(end + 4 * i, words[i]!)
    this.end = end + bytes.length
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): void {
    const length = value.length
    this.reserve(length)
    // A loop beats `set` for what is short.
    if (length < 24) {
      const { bytes, end } = this
      for (let i = 0; i < length; i++) bytes[end + i] = value[i]!
    } else {
      setBytes(this.bytes, value, this.end)
    }
    this.end += length
  }

  /** An integer of an unsigned type: fixint, then `cc`, `cd`, `ce`, `cf`. */
  unsigned(value: number): void {
    if (value >>> 7 === 0 && value >>> 0 === value) {
      this.byte(value)
    } else if (value >>> 0 !== value) {
      if (!Number.isSafeInteger(value) || value < 0)
        throw new RangeError(`not an unsigned integer up to 2^53 - 1: ${value}`)
      this.marked32(0xcf, Math.floor(value / 0x1_0000_0000))
      this.uint32(value >>> 0)
    } else if (value <= 0xff) this.marked8(0xcc, value)
    else if (value <= 0xffff) this.marked16(0xcd, value)
    else this.marked32(0xce, value)
  }

  /** An integer of a signed type: fixint, then `d0` (negative only), `d1`, `d2`, `d3`, also for positive values. */
  signed(value: number): void {
    if (value >= -32 && value <= 127 && (value | 0) === value) this.byte(value & 0xff)
    else if ((value | 0) !== value) {
      if (!Number.isSafeInteger(value)) throw new RangeError(`not an integer within ±(2^53 - 1): ${value}`)
      this.marked32(0xd3, Math.floor(value / 0x1_0000_0000) >>> 0)
      this.uint32(value >>> 0)
    } else if (value < 0 && value >= -128) this.marked8(0xd0, value & 0xff)
    else if (value >= -32_768 && value <= 32_767) this.marked16(0xd1, value & 0xffff)
    else this.marked32(0xd2, value >>> 0)
  }

  /** Bytes with their header; `undefined` is nil. */
  bytesOrNil(value: Uint8Array | undefined): void {
    if (value === undefined) return this.nil()
    this.rawHeader(value.length)
    this.raw(value)
  }

  /** A string with its header, as UTF-8. */
  string(value: string): void {
    if (value === '') return this.byte(0xa0)
    const encoded = text.encode(value)
    this.rawHeader(encoded.length)
    this.raw(encoded)
  }

  /** The header of an array of `count` elements, which follow. */
  array(count: number): void {
    if (count <= 15) this.byte(0x90 + count)
    else if (count <= 0xffff) this.marked16(0xdc, count)
    else this.marked32(0xdd, count)
  }

  /** A big endian number of 2 bytes without a header. */
  uint16(value: number): void {
    this.reserve(2)
    this.view.setUint16(this.end, value)
    this.end += 2
  }

  /** A big endian number of 4 bytes without a header. */
  uint32(value: number): void {
    this.reserve(4)
    this.view.setUint32(this.end, value)
    this.end += 4
  }

  private marked8(marker: number, value: number): void {
    this.byte(marker)
    this.byte(value)
  }

  private marked16(marker: number, value: number): void {
    this.byte(marker)
    this.uint16(value)
  }

  private marked32(marker: number, value: number): void {
    this.byte(marker)
    this.uint32(value)
  }

  private rawHeader(length: number): void {
    if (length <= 31) this.byte(0xa0 + length)
    else if (length <= 0xffff) this.marked16(0xda, length)
    else this.marked32(0xdb, length)
  }

  private grow(count: number): void {
    const pending = this.bytes.subarray(this.start, this.end)
    // Buffers double, so that a connection that says little keeps little; a long message is copied a few times at most.
    const slab = Math.min(mostSlabBytes, Math.max(leastSlabBytes, 2 * this.bytes.length))
    const needed = pending.length + count
    // What is announced to be long comes whole; only what is not known before needs room for more.
    const grown = new Uint8Array(Math.max(slab, count > mostSlabBytes ? needed : 2 * needed))
    grown.set(pending)
    this.bytes = grown
    this.view = new DataView(grown.buffer)
    this.start = 0
    this.end = pending.length
  }
}

const scratch = new Writer()

/** What `write` writes, in bytes of its own. */
export function encoded(write: (writer: Writer) => void): Uint8Array {
  try {
    write(scratch)
    return scratch.take().slice()
  } finally {
    scratch.truncate(0)
  }
}
