import { expect, test } from 'vitest'
import { DecodeError } from '../../src/types/errors.ts'
import { decoded } from '../../src/wire/codec/reader.ts'
import { encoded } from '../../src/wire/codec/writer.ts'
import { fromHex, toHex } from './golden.ts'

// Every step of both ladders (spec §1.3), from either side.

const unsigned: [number, string][] = [
  [0, '00'],
  [127, '7f'],
  [128, 'cc80'],
  [255, 'ccff'],
  [256, 'cd0100'],
  [65_535, 'cdffff'],
  [65_536, 'ce00010000'],
  [2 ** 32 - 1, 'ceffffffff'],
  [2 ** 32, 'cf0000000100000000'],
  [2 ** 53 - 1, 'cf001fffffffffffff'],
]
for (const [value, hex] of unsigned) {
  test(`unsigned ${value} is ${hex}`, () => {
    expect(toHex(encoded((writer) => writer.unsigned(value)))).toBe(hex)
    expect(decoded(fromHex(hex), (reader) => reader.unsigned())).toBe(value)
  })
}

const signed: [number, string][] = [
  [0, '00'],
  [127, '7f'],
  [128, 'd10080'],
  [200, 'd100c8'],
  [32_767, 'd17fff'],
  [32_768, 'd200008000'],
  [2 ** 31 - 1, 'd27fffffff'],
  [2 ** 31, 'd30000000080000000'],
  [2 ** 53 - 1, 'd3001fffffffffffff'],
  [-1, 'ff'],
  [-32, 'e0'],
  [-33, 'd0df'],
  [-128, 'd080'],
  [-129, 'd1ff7f'],
  [-32_768, 'd18000'],
  [-32_769, 'd2ffff7fff'],
  [-(2 ** 31), 'd280000000'],
  [-(2 ** 31) - 1, 'd3ffffffff7fffffff'],
  [-(2 ** 53) + 1, 'd3ffe0000000000001'],
]
for (const [value, hex] of signed) {
  test(`signed ${value} is ${hex}`, () => {
    expect(toHex(encoded((writer) => writer.signed(value)))).toBe(hex)
    expect(decoded(fromHex(hex), (reader) => reader.integer())).toBe(value)
  })
}

const lengths: [number, string, string][] = [
  [0, 'a0', '90'],
  [15, 'af', '9f'],
  [16, 'b0', 'dc0010'],
  [31, 'bf', 'dc001f'],
  [32, 'da0020', 'dc0020'],
  [255, 'da00ff', 'dc00ff'],
  [65_535, 'daffff', 'dcffff'],
  [65_536, 'db00010000', 'dd00010000'],
]
for (const [length, raw, array] of lengths) {
  test(`${length} bytes begin ${raw}, ${length} elements ${array}`, () => {
    const bytes = new Uint8Array(length).fill(0x78)
    const written = encoded((writer) => writer.bytesOrNil(bytes))
    expect(toHex(written)).toBe(raw + toHex(bytes))
    expect(toHex(encoded((writer) => writer.string('x'.repeat(length))))).toBe(toHex(written))
    const read = decoded(written, (reader) => reader.bytesOrNil())
    expect(Buffer.compare(read!, bytes)).toBe(0)
    expect(toHex(encoded((writer) => writer.array(length)))).toBe(array)
    expect(decoded(fromHex(array), (reader) => reader.arrayOrNil())).toBe(length)
  })
}

const refused: [string, 'unsigned' | 'integer', string][] = [
  ['ff', 'unsigned', 'negative'],
  ['d3ffffffffffffffff', 'unsigned', 'negative in eight bytes'],
  ['cf0020000000000000', 'unsigned', '2^53, which would be rounded'],
  ['cfffffffffffffffff', 'unsigned', '2^64 - 1'],
  ['d38000000000000000', 'integer', '-2^63'],
  ['ca3f800000', 'unsigned', 'a float'],
  ['cb3ff0000000000000', 'integer', 'a double'],
  ['c3', 'integer', 'a boolean'],
  ['a131', 'integer', 'a string'],
  ['c1', 'integer', 'the marker that nobody uses'],
  ['cd01', 'unsigned', 'one that ends early'],
]
for (const [hex, kind, why] of refused) {
  test(`${hex} is no ${kind}: ${why}`, () => {
    expect(() => decoded(fromHex(hex), (reader) => reader[kind]())).toThrow(DecodeError)
  })
}

test('whatever marker, an integer that fits is read', () => {
  for (const hex of ['05', 'cc05', 'cd0005', 'ce00000005', 'cf0000000000000005', 'd005', 'd10005', 'd200000005']) {
    expect(decoded(fromHex(hex), (reader) => reader.unsigned())).toBe(5)
  }
})

test('what is no integer within 2^53 cannot be written', () => {
  for (const value of [-1, 1.5, Number.NaN, Infinity, 2 ** 53]) {
    expect(() => encoded((writer) => writer.unsigned(value))).toThrow(RangeError)
  }
  for (const value of [1.5, Number.NaN, -(2 ** 53)]) {
    expect(() => encoded((writer) => writer.signed(value))).toThrow(RangeError)
  }
  // Nothing of it is left for whoever writes next.
  expect(toHex(encoded((writer) => writer.unsigned(1)))).toBe('01')
})
