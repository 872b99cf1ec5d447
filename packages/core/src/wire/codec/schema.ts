import { DecodeError } from '../../types/errors.ts'
import type { Log, Timestamp } from '../../types/log.ts'
import type { Server } from '../../types/configuration.ts'
import { endOfInput, kindOf, type Reader } from './reader.ts'

/** Whatever a field can hold. */
export type Value = number | boolean | string | Uint8Array | Timestamp | readonly Log[] | readonly Server[] | undefined

/** One field of a structure of the wire. */
export interface Field {
  readonly name: string
  readonly read: (reader: Reader) => Value
  /** What it holds when it is missing or nil. */
  readonly zero: Value
}

/** A structure of the wire, made ready for reading. */
export interface Schema {
  readonly name: string
  readonly fields: readonly Field[]
  /** The names with their headers, in the order of the wire. */
  readonly keys: readonly Uint8Array[]
  /** For each place of the order of declaration, the place in `fields`. */
  readonly declared: readonly number[]
  readonly zeros: readonly Value[]
}

/** A map that is being read. */
export interface OpenStructure {
  readonly values: Value[]
  /** Pairs in all, and those that were read. */
  readonly count: number
  pairs: number
  /** The place of the field that is being read, and of the one that is expected next; -1 is none of ours. */
  at: number
  expected: number
}

/** A list that was cut off behind whole elements. */
export interface OpenList {
  readonly entries: Log[]
  /** Elements in all. */
  readonly count: number
  /** Where the next one begins. */
  readonly offset: number
}

/** Where a structure was cut off. Only one that has a list is worth it: others are soon read again. */
export interface Cut {
  readonly values: Value[]
  /** Pairs in all, and those that were read. */
  readonly count: number
  readonly pairs: number
  /** Where it goes on: with an element of the list, if one is open, or with a key. */
  readonly offset: number
  readonly list: OpenList | undefined
  /** The places of the field that is open and of the one that is expected next. */
  readonly at: number
  readonly expected: number
}

/** MessagePack values that are still to come. */
export function valuesLeft({ count, pairs, list }: Cut): number {
  const open = list === undefined ? 0 : list.count - list.entries.length - 2
  return open + 2 * (count - pairs)
}

/** A name as it stands on the wire: a short string with its header. */
export function key(name: string): Uint8Array {
  return Uint8Array.of(0xa0 + name.length, ...new TextEncoder().encode(name))
}

/**
 * Makes a schema. `declared` lists the fields in the order of declaration, which a structure written as an array
 * follows; a map has them sorted by name.
 */
export function schema(name: string, declared: readonly Field[]): Schema {
  const fields = declared.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return {
    name,
    fields,
    keys: fields.map((field) => key(field.name)),
    declared: declared.map((field) => fields.indexOf(field)),
    zeros: fields.map((field) => field.zero),
  }
}

/**
 * Reads a structure from a map, an array, or nil, and returns its values in the order of the wire's keys. Unknown keys
 * are passed over, missing ones leave the zero value (spec §1.4). One that is cut off within a list, or behind it, leaves
 * `reader.cut` behind, and goes on there when it is read again; any other throws `endOfInput`.
 */
export function readStructure(reader: Reader, { name, fields, keys, declared, zeros }: Schema): Value[] {
  const { cut } = reader
  reader.cut = undefined
  if (cut !== undefined) reader.list = cut.list
  const values = cut?.values ?? zeros.slice()
  let count = cut?.count ?? 0
  let pairs = cut?.pairs ?? 0
  let at = cut?.at ?? -1
  let expected = cut?.expected ?? 0
  let { offset } = reader
  try {
    if (cut === undefined) {
      const marker = reader.byte()
      if (marker === 0xc0) return values
      if (isArray(marker)) {
        const elements = reader.arrayLength(marker, 'a structure')
        for (let i = 0; i < elements; i++) {
          at = declared[i] ?? -1
          if (at < 0) reader.skip()
          else values[at] = fields[at]!.read(reader)
          if (reader.list !== undefined) throw endOfInput
        }
        return values
      }
      count = mapLength(reader, marker)
    }
    for (; pairs < count; pairs++, offset = reader.offset) {
      if (reader.list === undefined) {
        at = expected < keys.length && reader.matches(keys[expected]!) ? expected : find(reader, keys)
      }
      if (at < 0) {
        reader.skip()
        continue
      }
      values[at] = fields[at]!.read(reader)
      expected = at + 1
      const { list } = reader
      if (list !== undefined) {
        reader.list = undefined
        reader.cut = { values, count, pairs, offset: list.offset, list, at, expected }
        break
      }
    }
    return values
  } catch (error) {
    reader.list = undefined
    if (error === endOfInput && cut !== undefined) {
      reader.cut = { values, count, pairs, offset, list: undefined, at, expected }
      return values
    }
    if (error === endOfInput || !(error instanceof DecodeError)) throw error
    const place = at < 0 ? name : `${name}.${fields[at]!.name}`
    throw new DecodeError(`${place}: ${error.message}`, { cause: error.cause ?? error })
  }
}

/** The place of the key that comes next, or -1 if it is not one of ours. Passes over it. */
function find(reader: Reader, keys: readonly Uint8Array[]): number {
  const length = reader.rawLength() ?? 0
  if (length < 0) throw reader.unexpected('a key', 'an array')
  const written = reader.view(length)
  return keys.findIndex((known) => known.length === length + 1 && written.every((byte, i) => byte === known[i + 1]))
}

function isArray(marker: number): boolean {
  return (marker >= 0x90 && marker < 0xa0) || marker === 0xdc || marker === 0xdd
}

function mapLength(reader: Reader, marker: number): number {
  if (marker >= 0x80 && marker < 0x90) return marker & 0x0f
  if (marker === 0xde) return reader.uint16()
  if (marker === 0xdf) return reader.uint32()
  throw reader.unexpected('a map', kindOf(marker))
}

const unsigned = (reader: Reader): number => reader.unsigned()
const integer = (reader: Reader): number => reader.integer()
const boolean = (reader: Reader): boolean => reader.boolean()
const bytes = (reader: Reader): Uint8Array | undefined => reader.bytesOrNil()
const identity = (reader: Reader): Uint8Array | undefined => reader.identity()

/** A uint64. */
export const unsignedField = (name: string): Field => ({ name, zero: 0, read: unsigned })
/** An int64 or int. */
export const integerField = (name: string): Field => ({ name, zero: 0, read: integer })
/** A bool. */
export const booleanField = (name: string): Field => ({ name, zero: false, read: boolean })
/** Bytes or nil. */
export const bytesField = (name: string): Field => ({ name, zero: undefined, read: bytes })
/** Bytes or nil that name a server. */
export const identityField = (name: string): Field => ({ name, zero: undefined, read: identity })

/** The fields of the header that every message carries, which stand among its own (spec §1.3). */
export const headerFields: readonly Field[] = [
  integerField('ProtocolVersion'),
  identityField('ID'),
  identityField('Addr'),
]
