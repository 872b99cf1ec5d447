import { type Log, type LogType, type Timestamp } from '@raft/core'
import { readInteger, writeInteger } from './integers.ts'

// The entries of a row, one record each, without their indexes: a row says its first, and holds no gap.
//
//   offset  bytes
//   0       1      what is there: 1 data, 2 extensions, 4 appendedAt, 8 its offset from UTC
//   1       1      type
//   2       8      term
//   10      4, 4   lengths of data and extensions, each only if it is there
//           8, 4   seconds and nanoseconds, if there is a time
//           4      offset from UTC in seconds, if the time has one
//           …      data, extensions
//
// Numbers are little-endian.

const HAS_DATA = 1
const HAS_EXTENSIONS = 2
const HAS_TIME = 4
const HAS_OFFSET = 8
const FIXED_BYTES = 10

/** What fits into a row, with some room for what else is in it. */
const LARGEST_BYTES = 900_000_000

/** What `maxBytes` of a range counts. */
export function payloadBytes(log: Log): number {
  return (log.data?.length ?? 0) + (log.extensions?.length ?? 0)
}

/** The length of an entry's record. Throws `RangeError` for a number or a size that no record can hold. */
export function recordBytes(log: Log): number {
  if (!Number.isSafeInteger(log.index) || log.index < 1) throw outOfRange('index', 'from 1 to 2^53 - 1', log.index)
  if (!Number.isSafeInteger(log.term) || log.term < 0) throw outOfRange('term', 'from 0 to 2^53 - 1', log.term)
  if ((log.type & 0xff) !== log.type) throw outOfRange('type', 'from 0 to 255', log.type)
  let bytes = FIXED_BYTES
  if (log.data !== undefined) bytes += 4 + log.data.length
  if (log.extensions !== undefined) bytes += 4 + log.extensions.length
  if (log.appendedAt !== undefined) bytes += timeBytes(log.appendedAt)
  if (bytes > LARGEST_BYTES)
    throw new RangeError(`an entry of ${bytes} bytes exceeds the limit of ${LARGEST_BYTES} bytes`)
  return bytes
}

function timeBytes({ seconds, nanoseconds, offset }: Timestamp): number {
  if (!Number.isSafeInteger(seconds)) throw outOfRange('appendedAt.seconds', 'within 2^53', seconds)
  if (!Number.isInteger(nanoseconds) || nanoseconds < 0 || nanoseconds > 999_999_999) {
    throw outOfRange('appendedAt.nanoseconds', 'from 0 to 999,999,999', nanoseconds)
  }
  if (offset === undefined) return 12
  if ((offset | 0) !== offset) throw outOfRange('appendedAt.offset', 'within 2^31', offset)
  return 16
}

function outOfRange(name: string, range: string, value: number): RangeError {
  return new RangeError(`${name} of an entry must be an integer ${range}, got ${value}`)
}

/** Writes an entry's record and returns where the next one begins. */
export function writeRecord(log: Log, bytes: Uint8Array, view: DataView, start: number): number {
  const { data, extensions, appendedAt } = log
  let flags = 0
  let at = start + FIXED_BYTES
  if (data !== undefined) {
    flags |= HAS_DATA
    view.setUint32(at, data.length, true)
    at += 4
  }
  if (extensions !== undefined) {
    flags |= HAS_EXTENSIONS
    view.setUint32(at, extensions.length, true)
    at += 4
  }
  if (appendedAt !== undefined) {
    flags |= HAS_TIME
    writeInteger(view, at, appendedAt.seconds)
    view.setUint32(at + 8, appendedAt.nanoseconds, true)
    at += 12
    if (appendedAt.offset !== undefined) {
      flags |= HAS_OFFSET
      view.setInt32(at, appendedAt.offset, true)
      at += 4
    }
  }
  view.setUint8(start, flags)
  view.setUint8(start + 1, log.type)
  writeInteger(view, start + 2, log.term)
  if (data !== undefined) {
    bytes.set(data, at)
    at += data.length
  }
  if (extensions !== undefined) {
    bytes.set(extensions, at)
    at += extensions.length
  }
  return at
}

/** Where a record ends, and how many bytes of payload it has. */
export interface RecordExtent {
  end: number
  payload: number
}

/** Measures the record at `start` into `extent`. Only for bytes whose checksum was right. */
export function measureRecord(view: DataView, start: number, extent: RecordExtent): void {
  const flags = view.getUint8(start)
  let at = start + FIXED_BYTES
  let payload = 0
  if (flags & HAS_DATA) {
    payload += view.getUint32(at, true)
    at += 4
  }
  if (flags & HAS_EXTENSIONS) {
    payload += view.getUint32(at, true)
    at += 4
  }
  if (flags & HAS_TIME) at += flags & HAS_OFFSET ? 16 : 12
  extent.end = at + payload
  extent.payload = payload
}

/** Reads the records from `start` through `end` as entries from `first` on. Their bytes are views of the buffer. */
export function readRecords(buffer: ArrayBuffer, start: number, end: number, first: number, into: Log[]): void {
  const view = new DataView(buffer)
  let index = first
  for (let at = start; at < end; index++) {
    const flags = view.getUint8(at)
    const type = view.getUint8(at + 1) as LogType
    const term = readInteger(view, at + 2)
    at += FIXED_BYTES
    let dataBytes = -1
    let extensionsBytes = -1
    if (flags & HAS_DATA) {
      dataBytes = view.getUint32(at, true)
      at += 4
    }
    if (flags & HAS_EXTENSIONS) {
      extensionsBytes = view.getUint32(at, true)
      at += 4
    }
    let appendedAt: Timestamp | undefined
    if (flags & HAS_TIME) {
      const hasOffset = (flags & HAS_OFFSET) !== 0
      appendedAt = {
        seconds: readInteger(view, at),
        nanoseconds: view.getUint32(at + 8, true),
        offset: hasOffset ? view.getInt32(at + 12, true) : undefined,
      }
      at += hasOffset ? 16 : 12
    }
    const data = dataBytes < 0 ? undefined : new Uint8Array(buffer, at, dataBytes)
    at += Math.max(dataBytes, 0)
    const extensions = extensionsBytes < 0 ? undefined : new Uint8Array(buffer, at, extensionsBytes)
    at += Math.max(extensionsBytes, 0)
    into.push({ index, term, type, data, extensions, appendedAt })
  }
}
