import { expect, test } from 'vitest'
import { DecodeError } from '../../src/types/errors.ts'
import { readRequest } from '../../src/wire/codec/read-messages.ts'
import {
  decodeConfiguration,
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
} from '../../src/wire/index.ts'
import { Inbox } from '../../src/wire/inbox.ts'
import { fromHex, type GoldenLine, goldenLines, rpcOf, toHex } from './golden.ts'

// Whatever arrives, the worst that happens is a DecodeError, and it costs no memory.

// There will be a hundred thousand errors, and nobody reads where they come from.
Error.stackTraceLimit = 0

const key = (name: string): string => toHex(Uint8Array.of(0xa0 + name.length, ...new TextEncoder().encode(name)))
const lines = goldenLines<GoldenLine>('rpc.jsonl')
/** One line of each kind, and AppendEntries with several entries, none too long to be turned over byte by byte. */
const frames = lines
  .filter(({ hex }, i) => hex.length < 700 && (i % 40 === 0 || lines[i - 1]?.kind !== lines[i]?.kind))
  .map(({ kind, hex, rpcType }) => ({ kind, rpcType, bytes: fromHex(hex) }))

type Frame = (typeof frames)[number]

function decodeFrame({ kind, rpcType }: Frame, bytes: Uint8Array): unknown {
  if (kind === 'Configuration') return decodeConfiguration(bytes)
  if (rpcType !== undefined) return decodeRequest(Uint8Array.of(rpcType, ...bytes))
  return decodeResponse(rpcOf[kind.slice(0, -'Response'.length)]!, Uint8Array.of(0xa0, ...bytes))
}

function decodesOrRefuses(decode: () => unknown): boolean {
  try {
    decode()
    return true
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    return false
  }
}

test('every truncation of a message is refused', () => {
  let read = 0
  for (const frame of frames) {
    for (let length = 0; length < frame.bytes.length; length++) {
      if (decodesOrRefuses(() => decodeFrame(frame, frame.bytes.subarray(0, length)))) read++
    }
  }
  expect(read).toBe(0)
})

test('every change of one byte is refused or read as something', () => {
  const changes = [0x00, 0x80, 0x90, 0xa0, 0xc1, 0xc6, 0xcf, 0xdd, 0xdf, 0xff]
  let read = 0
  for (const frame of frames) {
    const bytes = frame.bytes.slice()
    for (let at = 0; at < bytes.length; at++) {
      const original = bytes[at]!
      for (const change of [...changes, original ^ 0x01, original ^ 0x80]) {
        bytes[at] = change
        if (decodesOrRefuses(() => decodeFrame(frame, bytes))) read++
      }
      bytes[at] = original
    }
  }
  expect(read).toBeGreaterThan(300)
})

test('random bytes are refused or read as something', () => {
  let seed = 1
  const random = (): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) >>> 16
  for (let round = 0; round < 4_000; round++) {
    const bytes = Uint8Array.from({ length: 1 + (random() % 40) }, () => random())
    decodesOrRefuses(() => decodeRequest(bytes))
    decodesOrRefuses(() => decodeConfiguration(bytes))
  }
})

const bombs: [string, string][] = [
  [`0081${key('Leader')}c6ffffffff0000000000`, 'bytes of 2^32 - 1'],
  [`0081${key('Leader')}dbffffffff0000000000`, 'a string of 2^32 - 1'],
  [`0081${key('Leader')}ddffffffff0000000000`, 'an array of 2^32 - 1 small integers'],
  [`0081${key('Entries')}ddffffffff8080808080`, '2^32 - 1 entries'],
  [`0081${key('X')}ddffffffffc0c0c0c0c0`, 'an unknown array of 2^32 - 1'],
  [`0081${key('X')}dfffffffffc0c0c0c0c0`, 'an unknown map of 2^32 - 1'],
  [`0081${key('X')}c9ffffffff0500000000`, 'an extension of 2^32 - 1'],
  ['00dfffffffffa0c0a0c0a0', 'a message of 2^32 - 1 fields'],
  ['00ddffffffffc0c0c0c0c0', 'a message as an array of 2^32 - 1'],
  [`00dfffffffff${key('Entries')}90a0c0`, 'a message of 2^32 - 1 fields, entries among them'],
]
for (const [hex, why] of bombs) {
  test(`refused at its header, for little memory: ${why}`, () => {
    const before = process.memoryUsage()
    const bytes = fromHex(hex)
    expect(() => decodeRequest(bytes)).toThrow(DecodeError)
    const inbox = new Inbox(1 << 20)
    inbox.push(bytes)
    inbox.takeByte()
    expect(() => inbox.take(1, readRequest.appendEntries)).toThrow(DecodeError)
    const after = process.memoryUsage()
    expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(1 << 20)
  })
}

test('many tiny entries are refused before they become many objects', () => {
  const bytes = new Uint8Array(1 << 20).fill(0x80)
  bytes.set(fromHex(`0081${key('Entries')}dd000fff00`))
  const inbox = new Inbox(1 << 20)
  inbox.push(bytes)
  inbox.takeByte()
  expect(() => inbox.take(1, readRequest.appendEntries)).toThrow(/at most 8192 entries, found 1048320/)
})

test('deep nesting is refused, and does not exhaust the stack', () => {
  for (const opening of ['91', '81a178', 'dc0001', 'df00000001a0']) {
    const deep = fromHex(`0081${key('X')}${opening.repeat(100_000)}c0`)
    expect(() => decodeRequest(deep)).toThrow(/nested deeper than 1024/)
    expect(() => decodeConfiguration(deep.subarray(1))).toThrow(/nested deeper than 1024/)
  }
  expect(decodeRequest(fromHex(`0081${key('X')}${'91'.repeat(1_000)}c0`)).type).toBe('appendEntries')
})

test('keys that mean something to JavaScript mean nothing here', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
  const hex = `0085 ${names.map((name) => `${key(name)}81${key('Term')}09`).join('')} ${key('Term')} 05`
  const { request } = decodeRequest(fromHex(hex))
  expect(Object.getPrototypeOf(request)).toBe(Object.prototype)
  expect(Object.keys(request).toSorted()).toEqual(
    ['entries', 'header', 'leader', 'leaderCommitIndex', 'prevLogEntry', 'prevLogTerm', 'term'].toSorted(),
  )
  expect((request as { term: number }).term).toBe(5)
  expect(({} as Record<string, unknown>)['Term']).toBeUndefined()
})

test('a hundred thousand unknown keys are passed over', () => {
  const count = 100_000
  const keyed = Buffer.concat([
    fromHex('00df000186a1'),
    ...Array.from({ length: count }, (_, i) => Uint8Array.of(0xa3, i & 0x7f, (i >> 7) & 0x7f, (i >> 14) & 0x7f, 0xc0)),
    fromHex(`${key('Term')}05`),
  ])
  expect(decodeRequest(new Uint8Array(keyed)).request).toMatchObject({ term: 5 })
})

test('an answer cannot smuggle a type of entry beyond Go into what we send', () => {
  const entry = { index: 1, term: 1, type: 300 as never, data: undefined }
  const zeros = { prevLogEntry: 0, prevLogTerm: 0, leaderCommitIndex: 0, term: 1, header: { protocolVersion: 3 } }
  expect(() => encodeRequest('appendEntries', { ...zeros, entries: [entry] })).toThrow(RangeError)
  expect(() => encodeResponse('timeoutNow', { header: { protocolVersion: 0.5 } })).toThrow(RangeError)
})
