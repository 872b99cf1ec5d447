import { expect, test } from 'vitest'
import { DecodeError } from '../../src/types/errors.ts'
import type { Timestamp } from '../../src/types/log.ts'
import { decoded } from '../../src/wire/codec/reader.ts'
import { readTime, writeNewTime, writeTime } from '../../src/wire/codec/time.ts'
import { encoded } from '../../src/wire/codec/writer.ts'
import { fromHex, timeOf, toHex } from './golden.ts'

const inOldFormat = (time: Timestamp | undefined): string => toHex(encoded((writer) => writeTime(writer, time)))
const inNewFormat = (time: Timestamp | undefined): string => toHex(encoded((writer) => writeNewTime(writer, time)))
const read = (hex: string): Timestamp | undefined => decoded(fromHex(hex), readTime)

// The rows of spec §1.5.
const rows: [string, string, string][] = [
  ['0001-01-01T00:00:00Z', 'af 01 0000000000000000 00000000 ffff', 'c0'],
  ['2024-01-02T03:04:05.678Z', 'af 01 0000000edd257425 28697580 ffff', 'a8 a1a5d60065937d25'],
  ['2024-01-02T03:04:05Z', 'af 01 0000000edd257425 00000000 ffff', 'a4 65937d25'],
  ['2024-01-02T10:04:05.678+07:00', 'af 01 0000000edd257425 28697580 01a4', 'a8 a1a5d60065937d25'],
  ['2024-01-01T22:04:05.678-05:00', 'af 01 0000000edd257425 28697580 fed4', 'a8 a1a5d60065937d25'],
  ['1970-01-01T00:00:00Z', 'af 01 0000000e7791f700 00000000 ffff', 'a4 00000000'],
  ['1960-01-01T00:00:00.000000005Z', 'af 01 0000000e64c1ff80 00000005 ffff', 'ac 00000005 ffffffffed300880'],
]
for (const [text, old, fresh] of rows) {
  test(`${text}, both ways in both formats`, () => {
    const time = timeOf(text)
    expect(inOldFormat(time)).toBe(old.replaceAll(' ', ''))
    expect(inNewFormat(time)).toBe(fresh.replaceAll(' ', ''))
    expect(read(old)).toEqual(time)
    // The new format loses the zone.
    expect(read(fresh)).toEqual(time === undefined ? undefined : { ...time, offset: undefined })
  })
}

test('a server whose zone is UTC by name sends the offset 0, which is kept apart', () => {
  const time = { seconds: 0, nanoseconds: 0, offset: 0 }
  expect(inOldFormat(time)).toBe('af010000000e7791f700000000000000')
  expect(read('af010000000e7791f700000000000000')).toEqual(time)
})

test('a zone with seconds takes a byte more', () => {
  for (const [offset, hex] of [
    [1_172, '001320'], // Amsterdam until 1937
    [-1_521, 'ffe7eb'], // Dublin until 1916
  ] as const) {
    const time = { seconds: -3_000_000_000, nanoseconds: 7, offset }
    const written = inOldFormat(time)
    expect(written).toMatch(new RegExp(`^b002.*${hex.slice(2)}$`))
    expect(read(written)).toEqual(time)
  }
})

test('the zero time with a zone is not the zero time of Go', () => {
  const time = { seconds: -62_135_596_800, nanoseconds: 0, offset: 3_600 }
  expect(read(inOldFormat(time))).toEqual(time)
  expect(inNewFormat(time)).toBe('c0')
})

test('the limits of the short forms', () => {
  expect(inNewFormat({ seconds: 2 ** 32 - 1, nanoseconds: 0 })).toBe('a4ffffffff')
  expect(inNewFormat({ seconds: 2 ** 32, nanoseconds: 0 })).toBe('a80000000100000000')
  expect(inNewFormat({ seconds: 2 ** 34 - 1, nanoseconds: 999_999_999 })).toBe('a8ee6b27ffffffffff')
  expect(inNewFormat({ seconds: 2 ** 34, nanoseconds: 1 })).toBe('ac000000010000000400000000')
  for (const hex of ['a4ffffffff', 'a80000000100000000', 'a8ee6b27ffffffffff', 'ac000000010000000400000000']) {
    expect(inNewFormat(read(hex))).toBe(hex)
  }
})

test('MessagePack timestamps, and the new format in any string or bin, are read too', () => {
  const second = timeOf('2024-01-02T03:04:05Z')
  const fraction = timeOf('2024-01-02T03:04:05.678Z')
  for (const hex of ['d6ff65937d25', 'c40465937d25', 'd90465937d25', 'da000465937d25', 'c60000000465937d25']) {
    expect(read(hex)).toEqual({ ...second, offset: undefined })
  }
  for (const hex of ['d7ffa1a5d60065937d25', 'c408a1a5d60065937d25'])
    expect(read(hex)).toEqual({ ...fraction, offset: undefined })
  expect(read('c70cff00000005ffffffffed300880')).toEqual({ seconds: -315_619_200, nanoseconds: 5, offset: undefined })
})

const refused: [string, string][] = [
  ['c40f010000000edd25742528697580ffff', 'the old format in bin'],
  ['d90f010000000edd25742528697580ffff', 'the old format in a long string'],
  ['af020000000edd25742528697580ffff', 'version 2 in 15 bytes'],
  ['b0010000000edd25742528697580ffff00', 'version 1 in 16 bytes'],
  ['af030000000edd25742528697580ffff', 'version 3'],
  ['a5aabbccddee', '5 bytes'],
  ['a0', 'no bytes'],
  ['d60165937d25', 'an extension of another type'],
  ['d5ff0000', 'an extension of another size'],
  ['05', 'an integer'],
  ['9400000000', 'an array'],
  ['a8ffffffff00000000', 'more than a second of nanoseconds'],
  ['ac000000007fffffffffffffff', 'seconds beyond 2^53'],
]
for (const [hex, why] of refused) test(`no time: ${why}`, () => expect(() => read(hex)).toThrow(DecodeError))
