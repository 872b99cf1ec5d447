import { DecodeError } from '../../types/errors.ts'
import type { Timestamp } from '../../types/log.ts'
import { type BytePool, POOL_BYTES, POOLED_BYTES } from '../byte-pool.ts'
import type { Cut, OpenList } from './schema.ts'
import { Skimmer } from './skimmer.ts'

/** Thrown when a value goes on beyond the bytes in hand. One object, since it is no error while bytes still arrive. */
export const endOfInput = new DecodeError('the value ends early')

/** A view of a buffer as small as this keeps no more in memory than one of a pool's block. */
export const smallBuffer = POOL_BYTES
/** A buffer of its own takes more than this holds, and the garbage collector looks at each: nothing is left in one. */
const tinyBuffer = 2_048
/** What a message may be, where nobody says otherwise: 64 MiB. */
export const DEFAULT_MAX_MESSAGE_BYTES = 67_108_864
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenientText = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Reads MessagePack as leniently as Go does (spec §1.4) from bytes in one piece. Throws `endOfInput` at their end, and
 * `DecodeError` for what the schema does not allow. It allocates nothing that a declared length asks for.
 */
export class Reader {
  offset = 0
  /** What one message may be, and what the objects made of it may take. */
  maxBytes: number = DEFAULT_MAX_MESSAGE_BYTES
  /** The time that was read last. */
  time: Timestamp | undefined
  /** A value that was handed out is a view of a large buffer. */
  lent = false
  /** Where a message was cut off: decoding goes on there if this is still here then. What was decoded is of no use yet. */
  cut: Cut | undefined
  /** The list that is open in it. */
  list: OpenList | undefined
  /** What was read last is only the beginning of something. */
  endsEarly = false
  private readonly pool: BytePool | undefined
  private bytes: Uint8Array = new Uint8Array(0)
  /** What `bytes` is a view of, from where. Kept, because an array takes long to say it. */
  private buffer: ArrayBufferLike = this.bytes.buffer
  private bufferOffset = 0
  private bufferBytes = 0
  private words: DataView | undefined
  /** Where the bytes in hand end. */
  end = 0
  private readonly identities: (Uint8Array | undefined)[] = new Array<undefined>(16)

  /** `pool` takes the copies that are made of small values. */
  constructor(pool?: BytePool) {
    this.pool = pool
  }

  /** Goes on with these bytes. */
  reset(bytes: Uint8Array, start = 0, end = bytes.length): this {
    this.use(bytes)
    this.offset = start
    this.end = end
    return this
  }

  /** Bytes that are left. */
  get remaining(): number {
    return this.end - this.offset
  }

  /** The bytes in hand by `offset`, for who reads much at known places: several at a time, and in need of no other check. */
  get dataView(): DataView {
    return (this.words ??= new DataView(this.buffer, this.bufferOffset, this.bytes.length))
  }

  /** The next byte, which stays. */
  peek(): number {
    if (this.offset >= this.end) throw endOfInput
    return this.bytes[this.offset]!
  }

  byte(): number {
    if (this.offset >= this.end) throw endOfInput
    return this.bytes[this.offset++]!
  }

  /** Whether these bytes come next; passes over them if so. */
  matches(expected: Uint8Array): boolean {
    const { bytes, offset } = this
    const length = expected.length
    if (offset + length > this.end) return false
    for (let i = 0; i < length; i++) if (bytes[offset + i] !== expected[i]) return false
    this.offset = offset + length
    return true
  }

  /** Passes over one value of any kind and nesting. */
  skip(): void {
    const skimmer = new Skimmer({ values: 1, maxBytes: Infinity })
    if (!skimmer.advance(this.bytes, this.offset, this.end)) throw endOfInput
    this.offset += skimmer.length
  }

  unsigned(): number {
    const value = this.integer()
    if (value < 0) throw this.unexpected('an unsigned integer', `${value}`)
    return value
  }

  /** An integer of either sign; nil is 0. Beyond 2^53 - 1 it is refused, since it would be rounded. */
  integer(): number {
    const marker = this.byte()
    if (marker < 0x80) return marker
    if (marker >= 0xe0) return marker - 0x100
    switch (marker) {
      case 0xc0:
        return 0
      case 0xcc:
        return this.byte()
      case 0xcd:
        return this.uint16()
      case 0xce:
        return this.uint32()
      case 0xcf:
        return this.wide(this.uint32())
      case 0xd0:
        return (this.byte() << 24) >> 24
      case 0xd1:
        return (this.uint16() << 16) >> 16
      case 0xd2:
        return this.uint32() | 0
      case 0xd3:
        return this.wide(this.uint32() | 0)
      default:
        throw this.unexpected('an integer', kindOf(marker))
    }
  }

  boolean(): boolean {
    const marker = this.byte()
    if (marker === 0xc3 || marker === 0x01) return true
    if (marker === 0xc2 || marker === 0x00 || marker === 0xc0) return false
    throw this.unexpected('a boolean', kindOf(marker))
  }

  /** Bytes from a string, `bin`, or an array of small integers; nil is `undefined`. */
  bytesOrNil(): Uint8Array | undefined {
    const length = this.rawLength()
    if (length === undefined) return undefined
    if (length < 0) return this.bytesFromArray(-1 - length)
    return this.view(length)
  }

  /**
   * As `bytesOrNil`, for what names a server: it is short and comes again with every message of a connection, so that
   * one copy is shared.
   */
  identity(): Uint8Array | undefined {
    const length = this.rawLength()
    if (length === undefined) return undefined
    if (length < 0) return this.bytesFromArray(-1 - length)
    if (length === 0 || length > 64) return this.view(length).slice()
    const at = this.advance(length)
    const slot = (length + this.bytes[at + length - 1]!) & 15
    const known = this.identities[slot]
    if (known !== undefined && known.length === length && this.sameBytes(known, at)) return known
    return (this.identities[slot] = copyOf(this.bytes, at, length))
  }

  /** A string that must be UTF-8; nil is empty. */
  string(): string {
    const bytes = this.bytesOrNil()
    if (bytes === undefined) return ''
    try {
      return utf8.decode(bytes)
    } catch {
      throw this.unexpected('a string', 'bytes that are not UTF-8')
    }
  }

  /** A string for people; what is not UTF-8 is replaced. */
  message(): string {
    const bytes = this.bytesOrNil()
    return bytes === undefined || bytes.length === 0 ? '' : lenientText.decode(bytes)
  }

  /** The number of elements of an array, or `undefined` for nil. */
  arrayOrNil(): number | undefined {
    const marker = this.byte()
    if (marker === 0xc0) return undefined
    return this.arrayLength(marker, 'an array')
  }

  /** The number of elements that an array's marker announces. */
  arrayLength(marker: number, expected: string): number {
    if (marker >= 0x90 && marker < 0xa0) return marker & 0x0f
    if (marker === 0xdc) return this.uint16()
    if (marker === 0xdd) return this.uint32()
    throw this.unexpected(expected, kindOf(marker))
  }

  /** The length of what follows: negative for an array, whose count is -1 - length; `undefined` for nil. */
  rawLength(): number | undefined {
    const marker = this.byte()
    if (marker >= 0xa0 && marker < 0xc0) return marker & 0x1f
    switch (marker) {
      case 0xc0:
        return undefined
      case 0xc4:
      case 0xd9:
        return this.byte()
      case 0xc5:
      case 0xda:
        return this.uint16()
      case 0xc6:
      case 0xdb:
        return this.uint32()
      default:
        return -1 - this.arrayLength(marker, 'bytes')
    }
  }

  uint16(): number {
    const at = this.advance(2)
    const bytes = this.bytes
    return (bytes[at]! << 8) | bytes[at + 1]!
  }

  uint32(): number {
    const at = this.advance(4)
    const bytes = this.bytes
    return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  }

  /** The next bytes: a view, or a copy where a view would keep more in memory than is worth it. */
  view(length: number): Uint8Array {
    const at = this.advance(length)
    const view = new Uint8Array(this.buffer, this.bufferOffset + at, length)
    const { bufferBytes } = this
    const isSmall = bufferBytes <= smallBuffer
    if (isSmall && bufferBytes > tinyBuffer) return view
    if (length <= POOLED_BYTES && this.pool !== undefined) return this.pool.copy(view)
    if (isSmall) return view
    if (length * 2 < bufferBytes) return new Uint8Array(view)
    this.lent = true
    return view
  }

  /** Passes over `length` bytes and says where they began. */
  advance(length: number): number {
    const at = this.offset
    if (at + length > this.end) throw endOfInput
    this.offset = at + length
    return at
  }

  unexpected(expected: string, found: string): DecodeError {
    return new DecodeError(`expected ${expected}, found ${found}, before byte ${this.offset}`)
  }

  private use(bytes: Uint8Array): void {
    if (bytes === this.bytes) return
    this.bytes = bytes
    this.words = undefined
    this.buffer = bytes.buffer
    this.bufferOffset = bytes.byteOffset
    this.bufferBytes = this.buffer.byteLength
  }

  private wide(high: number): number {
    const value = high * 0x1_0000_0000 + this.uint32()
    if (!Number.isSafeInteger(value)) throw this.unexpected('an integer within ±(2^53 - 1)', 'a larger one')
    return value
  }

  private bytesFromArray(count: number): Uint8Array {
    // An element takes a byte at least, so the count is true before it is trusted.
    if (count > this.remaining) throw endOfInput
    const bytes = new Uint8Array(count)
    for (let i = 0; i < count; i++) {
      const value = this.unsigned()
      if (value > 0xff) throw this.unexpected('a byte', `${value}`)
      bytes[i] = value
    }
    return bytes
  }

  private sameBytes(known: Uint8Array, at: number): boolean {
    for (let i = 0; i < known.length; i++) if (known[i] !== this.bytes[at + i]) return false
    return true
  }
}

/** A reader of bytes that are complete: their end is an error like any other. */
export function decoded<T>(bytes: Uint8Array, read: (reader: Reader) => T): T {
  const reader = new Reader().reset(bytes)
  try {
    const value = read(reader)
    if (reader.cut !== undefined) throw endOfInput
    return value
  } catch (error) {
    if (error === endOfInput) throw new DecodeError(`the value ends early, at byte ${bytes.length}`)
    throw error
  }
}

function copyOf(bytes: Uint8Array, at: number, length: number): Uint8Array {
  return new Uint8Array(bytes.subarray(at, at + length))
}

/** What a marker stands for, in words. */
export function kindOf(marker: number): string {
  if (marker < 0x80 || marker >= 0xe0) return 'an integer'
  if (marker < 0x90 || marker === 0xde || marker === 0xdf) return 'a map'
  if (marker < 0xa0 || marker === 0xdc || marker === 0xdd) return 'an array'
  if (marker < 0xc0 || marker === 0xd9 || marker === 0xda || marker === 0xdb) return 'a string'
  if (marker === 0xc0) return 'nil'
  if (marker === 0xc2 || marker === 0xc3) return 'a boolean'
  if (marker >= 0xc4 && marker <= 0xc6) return 'bytes'
  if (marker === 0xca || marker === 0xcb) return 'a float'
  if (marker >= 0xcc && marker <= 0xd3) return 'an integer'
  return marker === 0xc1 ? 'the marker c1, which is no MessagePack' : 'an extension'
}
