import { DecodeError } from '@raft/core'

/** What a frame is. */
export const FrameType = {
  /** The first frame of either side: the version of this framing and the sender's address. */
  Hello: 0,
  /** Begins a stream. */
  Open: 1,
  /** Bytes of a stream. */
  Data: 2,
  /** The sender will send no more on the stream. */
  End: 3,
  /** The stream is over, both ways. */
  Reset: 4,
  /** The sender has room for that many more bytes on the stream. */
  Credit: 5,
} as const

/** One of the numbers of the `FrameType` object. */
export type FrameType = (typeof FrameType)[keyof typeof FrameType]

/** One binary message of the WebSocket. */
export interface Frame {
  readonly type: FrameType
  /** Whose numbering `stream` belongs to: true if the frame's sender began the stream. */
  readonly own: boolean
  readonly stream: number
  readonly payload: Uint8Array
}

const headerBytes = 5
const ownBit = 0x80
const nothing = new Uint8Array(0)

/** One byte of type, whose highest bit is the direction; four bytes of stream number, big endian; the payload. */
export function encodeFrame(type: FrameType, own: boolean, stream: number, payload: Uint8Array = nothing): Uint8Array {
  const bytes = new Uint8Array(headerBytes + payload.length)
  bytes[0] = type | (own ? ownBit : 0)
  new DataView(bytes.buffer).setUint32(1, stream)
  bytes.set(payload, headerBytes)
  return bytes
}

/** Throws a `DecodeError` for what is no frame. */
export function decodeFrame(bytes: Uint8Array): Frame {
  if (bytes.length < headerBytes) throw new DecodeError(`a frame of ${bytes.length} bytes is shorter than its header`)
  const type = bytes[0]! & ~ownBit
  if (type > FrameType.Credit) throw new DecodeError(`unknown frame type ${type}`)
  return {
    type: type as FrameType,
    own: (bytes[0]! & ownBit) !== 0,
    stream: new DataView(bytes.buffer, bytes.byteOffset).getUint32(1),
    payload: bytes.subarray(headerBytes),
  }
}

/** A number as a payload. */
export function encodeCount(count: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, count)
  return bytes
}

/** Throws a `DecodeError` if the payload is no number. */
export function decodeCount(payload: Uint8Array): number {
  if (payload.length !== 4) throw new DecodeError(`a count of ${payload.length} bytes in place of 4`)
  return new DataView(payload.buffer, payload.byteOffset).getUint32(0)
}

const framingVersion = 1

/** The first payload: the version of the framing, then the address in UTF-8. */
export function encodeHello(address: string): Uint8Array {
  const text = new TextEncoder().encode(address)
  const bytes = new Uint8Array(1 + text.length)
  bytes[0] = framingVersion
  bytes.set(text, 1)
  return bytes
}

/** The address. Throws a `DecodeError` for another version, or for what is no text. */
export function decodeHello(payload: Uint8Array): string {
  if (payload[0] !== framingVersion) {
    throw new DecodeError(`the other end frames with version ${payload[0] ?? 'none'}, this one with ${framingVersion}`)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload.subarray(1))
  } catch (cause) {
    throw new DecodeError('the address of the other end is not UTF-8', { cause })
  }
}
