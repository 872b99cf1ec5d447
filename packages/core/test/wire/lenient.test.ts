import { expect, test } from 'vitest'
import { DecodeError } from '../../src/types/errors.ts'
import type { Log } from '../../src/types/log.ts'
import { decodeLog, decodeRequest, decodeResponse } from '../../src/wire/index.ts'
import { fromHex, toHex } from './golden.ts'

// What a Go peer accepts (spec §1.4), this decoder accepts.

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const key = (name: string): string => toHex(Uint8Array.of(0xa0 + name.length, ...utf8(name)))
const noHeader = { protocolVersion: 0, id: undefined, address: undefined }
const answerOf = (hex: string): unknown => decodeResponse('appendEntries', fromHex(`a0${hex}`)).response
const zeros = { header: noHeader, term: 0, lastLog: 0, success: false, noRetryBackoff: false }

const sameAnswer = { ...zeros, term: 5, success: true }
const answers: [string, string][] = [
  [`82 ${key('Term')} 05 ${key('Success')} c3`, 'keys in any order, others missing'],
  [`82 ${key('Success')} 01 ${key('Term')} cc05`, 'a fixint for a boolean, a longer integer than needed'],
  [`82 d907${toHex(utf8('Success'))} c3 da0004${toHex(utf8('Term'))} d005`, 'keys in longer strings'],
  [`82 c407${toHex(utf8('Success'))} c3 c50004${toHex(utf8('Term'))} d30000000000000005`, 'keys in bin'],
  [`de0002 ${key('Success')} c3 ${key('Term')} 05`, 'a map with a longer header'],
  [`df00000002 ${key('Success')} c3 ${key('Term')} 05`, 'a map with the longest header'],
  [`84 ${key('LastLog')} c0 ${key('Success')} c3 ${key('Term')} 05 ${key('NoRetryBackoff')} c0`, 'nil for a field'],
  [`83 ${key('term')} 09 ${key('Success')} c3 ${key('Term')} 05`, 'a key in another case is another key'],
  [`83 ${key('Term')} 09 ${key('Success')} c3 ${key('Term')} 05`, 'the last of two wins'],
  [
    `83 ${key('X')} 83 a161 94 81 01 cb0000000000000000 c0 d6ff00000000 c70305010203 a162 dc0001 c4021122 a163 9190 ${key('Success')} c3 ${key('Term')} 05`,
    'an unknown key with anything in it',
  ],
  [`83 c0 05 ${key('Success')} c3 ${key('Term')} 05`, 'nil as a key'],
  ['97 00 c0 c0 05 00 c3 c2', 'an array, in the order of declaration'],
  ['96 00 c0 c0 05 00 c3', 'a shorter array'],
  ['99 00 c0 c0 05 00 c3 c2 81a16105 a178', 'a longer array'],
  ['dc0007 00 c0 c0 05 00 c3 c2', 'an array with a longer header'],
]
for (const [hex, why] of answers) test(`read as Go reads it: ${why}`, () => expect(answerOf(hex)).toEqual(sameAnswer))

test('nil is a message of zeros', () => {
  expect(answerOf('c0')).toEqual(zeros)
  expect(answerOf('80')).toEqual(zeros)
  expect(answerOf('90')).toEqual(zeros)
})

const names: [string, string][] = [
  ['a26e31', 'a short string'],
  ['d9026e31', 'str8, which Go never writes'],
  ['da00026e31', 'str16'],
  ['db000000026e31', 'str32'],
  ['c4026e31', 'bin8'],
  ['c500026e31', 'bin16'],
  ['c6000000026e31', 'bin32'],
  ['926e31', 'an array of small integers'],
  ['92cc6ecd0031', 'an array of integers that are written long'],
  ['dc00026e31', 'an array with a longer header'],
  ['dd000000026e31', 'an array with the longest header'],
]
for (const [hex, why] of names) {
  test(`bytes from ${why}`, () => {
    expect(answerOf(`81${key('ID')}${hex}`)).toEqual({ ...zeros, header: { ...noHeader, id: utf8('n1') } })
    expect(decodeLog(fromHex(`81${key('Data')}${hex}`)).data).toEqual(utf8('n1'))
  })
}

test('nil and empty bytes are kept apart', () => {
  expect(decodeLog(fromHex(`82${key('Data')}c0${key('Extensions')}a0`))).toEqual(
    entry({ data: undefined, extensions: new Uint8Array(0) }),
  )
  expect(decodeLog(fromHex(`82${key('Data')}90${key('Extensions')}c400`))).toEqual(
    entry({ data: new Uint8Array(0), extensions: new Uint8Array(0) }),
  )
})

function entry(fields: Partial<Log>): Log {
  return { index: 0, term: 0, type: 0, data: undefined, extensions: undefined, appendedAt: undefined, ...fields }
}

test('an entry from an array, among others', () => {
  const hex = `00 81 ${key('Entries')} 93 96 07 02 05 a161 c0 c0 80 86 ${key('AppendedAt')} c0 ${key('Data')} a162 ${key('Extensions')} c0 ${key('Index')} 09 ${key('Term')} 02 ${key('Type')} 01`
  const { request } = decodeRequest(fromHex(hex))
  expect(request).toMatchObject({
    entries: [
      entry({ index: 7, term: 2, type: 5, data: utf8('a') }),
      entry({}),
      entry({ index: 9, term: 2, type: 1, data: utf8('b') }),
    ],
  })
})

test('no entries, an empty list of them, and none mentioned', () => {
  const entriesOf = (hex: string): unknown => (decodeRequest(fromHex(hex)).request as { entries?: unknown }).entries
  expect(entriesOf(`0081${key('Entries')}c0`)).toBeUndefined()
  expect(entriesOf(`0081${key('Entries')}90`)).toEqual([])
  expect(entriesOf('0080')).toBeUndefined()
})

test('older peers leave out what they do not know (spec §1.6)', () => {
  const vote = decodeRequest(
    fromHex(`0184 ${key('Candidate')} a178 ${key('LastLogIndex')} 02 ${key('LastLogTerm')} 01 ${key('Term')} 03`),
  )
  expect(vote).toEqual({
    type: 'requestVote',
    request: {
      header: noHeader,
      term: 3,
      candidate: utf8('x'),
      lastLogIndex: 2,
      lastLogTerm: 1,
      leadershipTransfer: false,
    },
  })
})

const refused: [string, string, RegExp][] = [
  [`81${key('Term')}ff`, 'a negative term', /^AppendEntriesResponse\.Term: expected an unsigned integer, found -1/],
  [`81${key('Term')}cb4000000000000000`, 'a float', /Term: .* found a float/],
  [`81${key('Term')}a131`, 'a string', /Term: .* found a string/],
  [`81${key('Term')}cf0020000000000000`, 'a term beyond 2^53 - 1', /Term: expected an integer within/],
  [`81${key('LastLog')}cfffffffffffffffff`, 'an index of 2^64 - 1', /LastLog: expected an integer within/],
  [`81${key('Success')}02`, 'an integer beyond 1 as a boolean', /Success: expected a boolean/],
  [`81${key('Success')}a0`, 'a string as a boolean', /Success: expected a boolean/],
  [`81${key('ID')}05`, 'an integer as bytes', /ID: expected bytes, found an integer/],
  [`81${key('ID')}81a16105`, 'a map as bytes', /ID: expected bytes, found a map/],
  [`81${key('ID')}91cd0100`, 'an integer beyond 255 among bytes', /ID: expected a byte, found 256/],
  [`81${key('ID')}91a161`, 'a string among bytes', /ID: expected an integer, found a string/],
  ['810505', 'an integer as a key', /expected bytes, found an integer/],
  ['819005', 'an array as a key', /expected a key, found an array/],
  [`81${key('X')}c1`, 'a marker that nobody uses, in an unknown key', /c1 is no MessagePack/],
  ['a0', 'a string for the whole', /^AppendEntriesResponse: expected a map, found a string/],
  ['05', 'an integer for the whole', /expected a map, found an integer/],
  ['c7020501', 'an extension for the whole', /expected a map, found an extension/],
]
for (const [hex, why, message] of refused) {
  test(`refused: ${why}`, () => {
    expect(() => answerOf(hex)).toThrow(DecodeError)
    expect(() => answerOf(hex)).toThrow(message)
  })
}

const badEntries: [string, string, RegExp][] = [
  ['92 80 c0', 'nil, on which Go crashes', /^AppendEntriesRequest\.Entries: \[1\] an entry cannot be nil/],
  [`91 81 ${key('Type')} cd012c`, 'a type of 300', /\[0\] Log\.Type: expected a type of entry from 0 to 5, found 300/],
  [`91 81 ${key('Type')} 06`, 'a type that Go stores and then crashes on', /found 6/],
  [
    `91 81 ${key('AppendedAt')} c40f010000000edd25742528697580ffff`,
    'an old time in bin',
    /Log\.AppendedAt: expected a time/,
  ],
  ['81 a178 05', 'a map for the list', /Entries: expected an array, found a map/],
  [
    `91 86 ${key('AppendedAt')} c0 ${key('Data')} 05`,
    'an integer for data',
    /\[0\] Log\.Data: expected bytes, found an integer/,
  ],
]
for (const [hex, why, message] of badEntries) {
  test(`entries refused: ${why}`, () =>
    expect(() => decodeRequest(fromHex(`0081${key('Entries')}${hex}`))).toThrow(message))
}

test('a snapshot of a negative size, or of an unknown type of request, is refused', () => {
  expect(() => decodeRequest(fromHex(`0281${key('Size')}ff`))).toThrow(/Size: expected an unsigned integer/)
  expect(() => decodeRequest(fromHex('0580'))).toThrow('unknown rpc type 5')
  expect(() => decodeRequest(new Uint8Array(0))).toThrow(DecodeError)
})
