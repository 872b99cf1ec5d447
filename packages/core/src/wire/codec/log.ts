import { DecodeError } from '../../types/errors.ts'
import { type Log, LogType, type Timestamp } from '../../types/log.ts'
import { type Literal, literal, standsAt } from './literal.ts'
import { decoded, endOfInput, type Reader } from './reader.ts'
import { bytesField, type Field, key, readStructure, schema, unsignedField } from './schema.ts'
import { readTime, readUsualTime, usualTimeBytes, usualTimeOpening, writeNewTime, writeTime } from './time.ts'
import { encoded, type Writer } from './writer.ts'

const appendedAtField: Field = { name: 'AppendedAt', zero: undefined, read: readTime }
const typeField: Field = { name: 'Type', zero: 0, read: readType }
const logSchema = schema('Log', [
  unsignedField('Index'),
  unsignedField('Term'),
  typeField,
  bytesField('Data'),
  bytesField('Extensions'),
  appendedAtField,
])

const opening = literal(Uint8Array.of(0x86, ...key('AppendedAt')))
const dataKey = literal(key('Data'))
const extensionsKey = literal(key('Extensions'))
const indexKey = literal(key('Index'))
/** What stands between the data and the index of nearly every entry. */
const noExtensions = literal(Uint8Array.of(...extensionsKey.bytes, 0xc0, ...indexKey.bytes))
const termKey = literal(key('Term'))
const typeKey = literal(key('Type'))
const usualOpening = literal(Uint8Array.of(...opening.bytes, ...usualTimeOpening))

/** Writes one entry (spec §1.6). A type beyond 5 is refused: Go stores such an entry and then crashes (spec §1.17). */
export function writeLog(writer: Writer, log: Log, newTimeFormat: boolean): void {
  if (log.type > LogType.Configuration) throw new RangeError(`not a type of entry: ${log.type}`)
  writer.literal(opening)
  if (newTimeFormat) writeNewTime(writer, log.appendedAt)
  else writeTime(writer, log.appendedAt)
  writer.literal(dataKey)
  writer.bytesOrNil(log.data)
  if (log.extensions === undefined) {
    writer.literal(noExtensions)
  } else {
    writer.literal(extensionsKey)
    writer.bytesOrNil(log.extensions)
    writer.literal(indexKey)
  }
  writer.unsigned(log.index)
  writer.literal(termKey)
  writer.unsigned(log.term)
  writer.literal(typeKey)
  writer.unsigned(log.type)
}

/** Reads one entry. */
export function readLog(reader: Reader): Log {
  const log = readLogUnlessCut(reader)
  if (log === undefined) throw endOfInput
  return log
}

/** As `readLog`; `undefined` for nearly every entry that is cut off: to throw takes as long as to read a hundred. */
function readLogUnlessCut(reader: Reader): Log | undefined {
  const start = reader.offset
  reader.endsEarly = false
  try {
    const log = readUsualLog(reader)
    if (log !== undefined || reader.endsEarly) return log
  } catch (error) {
    if (error === endOfInput) return undefined
    // The other way fails as well, and its error names the field.
  }
  reader.offset = start
  const [appendedAt, data, extensions, index, term, type] = readStructure(reader, logSchema)
  return {
    index: index as number,
    term: term as number,
    type: type as LogType,
    data: data as Uint8Array | undefined,
    extensions: extensions as Uint8Array | undefined,
    appendedAt: appendedAt as Timestamp | undefined,
  }
}

/**
 * Reads an entry as nearly all are written: a command without extensions, with the keys of Go in their order; `undefined`
 * for any other, and, with `endsEarly`, for the beginning of one. It costs a quarter of the other way.
 */
function readUsualLog(reader: Reader): Log | undefined {
  const { dataView } = reader
  if (!passOver(reader, dataView, usualOpening)) return undefined
  if (reader.remaining < usualTimeBytes) throw endOfInput
  const appendedAt = readUsualTime(reader, dataView)
  if (!passOver(reader, dataView, dataKey)) return undefined
  const length = reader.rawLength()
  if (length === undefined || length < 0) return undefined
  const dataAt = reader.offset
  reader.offset = dataAt + length
  if (!passOver(reader, dataView, noExtensions)) return undefined
  const index = reader.unsigned()
  if (!passOver(reader, dataView, termKey)) return undefined
  const term = reader.unsigned()
  if (!passOver(reader, dataView, typeKey)) return undefined
  const type = readType(reader)
  // A view last: whatever is not of this kind has none.
  const end = reader.offset
  reader.offset = dataAt
  const data = reader.view(length)
  reader.offset = end
  return { index, term, type, data, extensions: undefined, appendedAt }
}

/** Whether the bytes come next; passes over them if so. If all that is left is their beginning, the entry is cut off. */
function passOver(reader: Reader, dataView: DataView, expected: Literal): boolean {
  const { offset } = reader
  const { length } = expected.bytes
  if (offset + length > reader.end) {
    reader.endsEarly = beginsWith(dataView, { start: offset, end: reader.end }, expected)
    return false
  }
  if (!standsAt(dataView, offset, expected)) return false
  reader.offset = offset + length
  return true
}

/** Whether the bytes of a range are the first of a literal. */
function beginsWith(view: DataView, { start, end }: { start: number; end: number }, { bytes }: Literal): boolean {
  for (let at = start; at < end; at++) if (view.getUint8(at) !== bytes[at - start]) return false
  return true
}

/**
 * One entry as it stands in an AppendEntries, with its time in the default format: a compact form for stores, which
 * keeps all that a `Log` holds.
 */
export function encodeLog(log: Log): Uint8Array {
  return encoded((writer) => writeLog(writer, log, false))
}

/** Reads what `encodeLog` wrote; the entry's bytes are views of `bytes`. Throws `DecodeError`. */
export function decodeLog(bytes: Uint8Array): Log {
  return decoded(bytes, readLog)
}

/** An entry that Go writes takes half of this at least; an empty map would take one byte and cost a hundred times that. */
const leastEntryBytes = 128

/**
 * Reads the entries of an AppendEntries; nil is `undefined`. Of a list that is cut off, those that are whole are kept as
 * `reader.list`.
 */
export function readEntries(reader: Reader): readonly Log[] | undefined {
  const { list } = reader
  reader.list = undefined
  const count = list?.count ?? reader.arrayOrNil()
  if (count === undefined) return undefined
  const limit = Math.floor(reader.maxBytes / leastEntryBytes)
  if (count > limit) throw reader.unexpected(`at most ${limit} entries`, `${count}`)
  const entries = list?.entries ?? []
  for (let { offset } = reader; entries.length < count; offset = reader.offset) {
    const entry = readEntry(reader, entries.length)
    if (entry === undefined) {
      if (entries.length === 0) throw endOfInput
      reader.list = { entries, count, offset }
      break
    }
    entries.push(entry)
  }
  return entries
}

/** `undefined` if it is cut off. */
function readEntry(reader: Reader, at: number): Log | undefined {
  if (reader.remaining === 0) return undefined
  try {
    if (reader.peek() === 0xc0) throw new DecodeError('an entry cannot be nil')
    return readLogUnlessCut(reader)
  } catch (error) {
    if (error === endOfInput) return undefined
    if (!(error instanceof DecodeError)) throw error
    throw new DecodeError(`[${at}] ${error.message}`, { cause: error.cause ?? error })
  }
}

function readType(reader: Reader): LogType {
  const type = reader.unsigned()
  if (type > LogType.Configuration) throw reader.unexpected('a type of entry from 0 to 5', `${type}`)
  return type as LogType
}
