import type { Timestamp } from '../../types/log.ts'
import { kindOf, type Reader } from './reader.ts'
import type { Writer } from './writer.ts'

/** Seconds from 0001-01-01T00:00:00Z, where Go counts from, to 1970-01-01T00:00:00Z. */
const secondsBefore1970 = 62_135_596_800
const twoTo32 = 0x1_0000_0000
const zeroTime = Uint8Array.of(0xaf, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff)
/** Stands for UTC itself where minutes east of it are expected. */
const utcMinutes = -1

/** Writes a time in Go's binary layout, 15 or 16 bytes (spec §1.5, the default). `undefined` is the zero time. */
export function writeTime(writer: Writer, time: Timestamp | undefined): void {
  if (time === undefined) return writer.raw(zeroTime)
  const offset = time.offset ?? utcMinutes * 60
  const minutes = Math.trunc(offset / 60)
  const seconds = offset % 60
  writer.byte(seconds === 0 ? 0xaf : 0xb0)
  writer.byte(seconds === 0 ? 1 : 2)
  writeInt64(writer, time.seconds + secondsBefore1970)
  writer.uint32(time.nanoseconds)
  writer.uint16(minutes & 0xffff)
  if (seconds !== 0) writer.byte(seconds & 0xff)
}

/** Writes a time in MessagePack's timestamp layout, as a string (spec §1.5, `msgpackUseNewTimeFormat`). The zone is lost. */
export function writeNewTime(writer: Writer, time: Timestamp | undefined): void {
  if (time === undefined || isZero(time)) return writer.nil()
  const { seconds, nanoseconds } = time
  if (seconds < 0 || seconds >= 4 * twoTo32) {
    writer.byte(0xac)
    writer.uint32(nanoseconds)
    writeInt64(writer, seconds)
  } else if (nanoseconds === 0 && seconds < twoTo32) {
    writer.byte(0xa4)
    writer.uint32(seconds)
  } else {
    writer.byte(0xa8)
    writer.uint32(nanoseconds * 4 + Math.floor(seconds / twoTo32))
    writer.uint32(seconds >>> 0)
  }
}

/** Reads a time in either layout. The zero time in UTC is `undefined`. */
export function readTime(reader: Reader): Timestamp | undefined {
  const marker = reader.byte()
  if (marker === 0xc0) return undefined
  if (marker >= 0xa0 && marker < 0xc0) return readFixed(reader, marker & 0x1f)
  if (marker === 0xd9 || marker === 0xc4) return readNew(reader, reader.byte())
  if (marker === 0xda || marker === 0xc5) return readNew(reader, reader.uint16())
  if (marker === 0xdb || marker === 0xc6) return readNew(reader, reader.uint32())
  if (marker === 0xd6 || marker === 0xd7) return readExtension(reader, marker === 0xd6 ? 4 : 8)
  if (marker === 0xc7) return readExtension(reader, reader.byte())
  throw reader.unexpected('a time', kindOf(marker))
}

function readFixed(reader: Reader, length: number): Timestamp | undefined {
  if (length !== 15 && length !== 16) return readNew(reader, length)
  const version = reader.byte()
  if (version !== length - 14) throw reader.unexpected('a time', `${length} bytes of version ${version}`)
  const seconds = readInt64(reader) - secondsBefore1970
  const nanoseconds = reader.uint32()
  const minutes = (reader.uint16() << 16) >> 16
  const rest = version === 1 ? 0 : (reader.byte() << 24) >> 24
  const offset = version === 1 && minutes === utcMinutes ? undefined : minutes * 60 + rest
  return shared(reader, seconds, nanoseconds, offset)
}

/** What a time in the default layout begins with, if its zone is one of whole minutes. */
export const usualTimeOpening = Uint8Array.of(0xaf, 1)
/** Bytes that follow. */
export const usualTimeBytes = 14

/** Reads what follows the `usualTimeOpening` of a time, where all of it is known to be. */
export function readUsualTime(reader: Reader, dataView: DataView): Timestamp | undefined {
  const at = reader.offset
  const seconds = dataView.getInt32(at) * twoTo32 + dataView.getUint32(at + 4) - secondsBefore1970
  const nanoseconds = dataView.getUint32(at + 8)
  const minutes = dataView.getInt16(at + 12)
  reader.offset = at + usualTimeBytes
  return shared(reader, seconds, nanoseconds, minutes === utcMinutes ? undefined : minutes * 60)
}

/** What was appended together has the same time: one object for all of it. */
function shared(
  reader: Reader,
  seconds: number,
  nanoseconds: number,
  offset: number | undefined,
): Timestamp | undefined {
  const { time } = reader
  if (time?.nanoseconds === nanoseconds && time.seconds === seconds && time.offset === offset) return time
  return (reader.time = timestamp(reader, { seconds, nanoseconds, offset }))
}

function readExtension(reader: Reader, length: number): Timestamp | undefined {
  const type = reader.byte()
  if (type !== 0xff) throw reader.unexpected('a time', `an extension of type ${type}`)
  return readNew(reader, length)
}

function readNew(reader: Reader, length: number): Timestamp | undefined {
  if (length === 4) return timestamp(reader, { seconds: reader.uint32(), nanoseconds: 0, offset: undefined })
  if (length === 8) {
    const high = reader.uint32()
    const low = reader.uint32()
    return timestamp(reader, { seconds: (high % 4) * twoTo32 + low, nanoseconds: high >>> 2, offset: undefined })
  }
  if (length !== 12) throw reader.unexpected('a time', `${length} bytes`)
  const nanoseconds = reader.uint32()
  return timestamp(reader, { seconds: readInt64(reader), nanoseconds, offset: undefined })
}

function timestamp(reader: Reader, time: Timestamp): Timestamp | undefined {
  if (!Number.isSafeInteger(time.seconds)) throw reader.unexpected('a time', 'one beyond 2^53 - 1 seconds')
  if (time.nanoseconds > 999_999_999) throw reader.unexpected('a time', `${time.nanoseconds} nanoseconds`)
  return time.offset === undefined && isZero(time) ? undefined : time
}

function isZero(time: Timestamp): boolean {
  return time.seconds === -secondsBefore1970 && time.nanoseconds === 0
}

function writeInt64(writer: Writer, value: number): void {
  writer.uint32(Math.floor(value / twoTo32) >>> 0)
  writer.uint32(value >>> 0)
}

function readInt64(reader: Reader): number {
  const high = reader.uint32() | 0
  return high * twoTo32 + reader.uint32()
}
