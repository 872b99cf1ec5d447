import { DecodeError } from '../../types/errors.ts'

/** Nesting that is followed; no message of the protocol nests deeper than 4. */
const maxDepth = 1_024

/** What a value may be at most. */
export interface SkimLimits {
  /** Bytes of all values together. */
  readonly maxBytes: number
  /** How many values follow each other. */
  readonly values: number
}

/**
 * Finds the end of MessagePack values that arrive in pieces. It remembers where it stopped, so that every byte is
 * looked at once, and what it holds grows with the nesting it has seen and not with any declared count.
 */
export class Skimmer {
  /** Bytes known to belong to the values; it may lie beyond what has arrived. */
  length = 0
  private readonly maxBytes: number
  /** Values to come on the innermost level. */
  private remaining: number
  private readonly outer: number[] = []

  constructor(limits: SkimLimits) {
    this.maxBytes = limits.maxBytes
    this.remaining = limits.values
  }

  /** Goes on in `bytes`, where the first value begins at `start`. True once the values are complete. */
  advance(bytes: Uint8Array, start: number, end: number): boolean {
    for (;;) {
      while (this.remaining === 0) {
        const remaining = this.outer.pop()
        if (remaining === undefined) return start + this.length <= end
        this.remaining = remaining
      }
      const at = start + this.length
      if (at >= end || !this.header(bytes, at, end)) return false
    }
  }

  /** Takes one header and what follows it without nesting. False if the header has not arrived whole. */
  private header(bytes: Uint8Array, at: number, end: number): boolean {
    const marker = bytes[at]!
    let payload = 0
    let children = 0
    let size = 0
    if (marker < 0x80 || marker >= 0xe0) size = 0
    else if (marker < 0x90) children = 2 * (marker & 0x0f)
    else if (marker < 0xa0) children = marker & 0x0f
    else if (marker < 0xc0) payload = marker & 0x1f
    else {
      const shape = shapes[marker - 0xc0]!
      if (shape === undefinedShape) throw new DecodeError(`0xc1 is no MessagePack, at byte ${this.length}`)
      size = shape.size
      if (at + 1 + size > end) return false
      const declared = size === 0 ? 0 : bigEndian(bytes, at + 1, size)
      payload = shape.fixed + declared * shape.bytesEach
      children = declared * shape.valuesEach
    }
    const length = this.length + 1 + size + payload
    // Every child takes a byte at least, so what cannot fit is refused before anything is kept of it.
    if (length + children > this.maxBytes)
      throw new DecodeError(`a value of more than ${this.maxBytes} bytes, declared at byte ${this.length}`)
    this.length = length
    this.remaining--
    if (children > 0) this.descend(children)
    return true
  }

  private descend(children: number): void {
    if (this.outer.length === maxDepth) throw new DecodeError(`nested deeper than ${maxDepth}, at byte ${this.length}`)
    this.outer.push(this.remaining)
    this.remaining = children
  }
}

/** How a marker from 0xc0 to 0xdf goes on: bytes of its number, then what the number counts. */
interface Shape {
  readonly size: number
  readonly fixed: number
  readonly bytesEach: number
  readonly valuesEach: number
}

const undefinedShape: Shape = { size: 0, fixed: 0, bytesEach: 0, valuesEach: 0 }
const fixed = (bytes: number): Shape => ({ size: 0, fixed: bytes, bytesEach: 0, valuesEach: 0 })
const counted = (size: number, extra = 0): Shape => ({ size, fixed: extra, bytesEach: 1, valuesEach: 0 })
const nested = (size: number, valuesEach: number): Shape => ({ size, fixed: 0, bytesEach: 0, valuesEach })

const shapes: readonly Shape[] = [
  ...[fixed(0), undefinedShape, fixed(0), fixed(0)], // nil, never used, false, true
  ...[counted(1), counted(2), counted(4)], // bin
  ...[counted(1, 1), counted(2, 1), counted(4, 1)], // ext: one byte for its type
  ...[fixed(4), fixed(8)], // float
  ...[fixed(1), fixed(2), fixed(4), fixed(8), fixed(1), fixed(2), fixed(4), fixed(8)], // uint, int
  ...[fixed(2), fixed(3), fixed(5), fixed(9), fixed(17)], // fixext
  ...[counted(1), counted(2), counted(4)], // str
  ...[nested(2, 1), nested(4, 1), nested(2, 2), nested(4, 2)], // array, map
]

/** A big endian number of 1 to 4 bytes. */
function bigEndian(bytes: Uint8Array, at: number, size: number): number {
  let value = 0
  for (let i = 0; i < size; i++) value = value * 256 + bytes[at + i]!
  return value
}
