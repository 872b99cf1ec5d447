import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { DecodeError } from '../../src/types/errors.ts'
import type { Log } from '../../src/types/log.ts'
import type { AppendEntriesRequest } from '../../src/types/messages.ts'
import type { Reader } from '../../src/wire/codec/reader.ts'
import { readRequest } from '../../src/wire/codec/read-messages.ts'
import { decodeRequest, encodeRequest } from '../../src/wire/index.ts'
import { Inbox } from '../../src/wire/inbox.ts'

// A long AppendEntries comes in several chunks, cut anywhere: each is decoded as it comes, as far as entries are whole.

const header = { protocolVersion: 3, id: Uint8Array.of(1), address: Uint8Array.of(2) }
const MIB = 1_048_576

function request(sizes: readonly number[], first = 1): AppendEntriesRequest {
  const entries = sizes.map((size, at): Log => ({
    index: first + at,
    term: 7,
    type: 0,
    data: new Uint8Array(size).fill(at),
    extensions: at % 50 === 49 ? Uint8Array.of(at) : undefined,
    appendedAt: { seconds: 1_700_000_000 + (at >> 4), nanoseconds: at, offset: undefined },
  }))
  const positions = { prevLogEntry: first - 1, prevLogTerm: 7, leaderCommitIndex: first - 1 }
  return { header, term: 7, leader: header.address, entries, ...positions }
}

const body = (message: AppendEntriesRequest): Uint8Array => encodeRequest('appendEntries', message).subarray(1)
const same = (count: number, size: number): number[] => new Array<number>(count).fill(size)

/** What an inbox makes of bytes that come in pieces that end there, and how often it tried. */
function received(bytes: Uint8Array, ends: readonly number[], maxBytes = 4 * MIB) {
  const inbox = new Inbox(maxBytes)
  const found: AppendEntriesRequest[] = []
  let attempts = 0
  const decode = (reader: Reader): AppendEntriesRequest => {
    attempts += 1
    return readRequest.appendEntries(reader)
  }
  let start = 0
  for (const end of [...ends, bytes.length]) {
    if (end > start) inbox.push(bytes.slice(start, end))
    start = end
    for (let next = inbox.take(1, decode); next !== undefined; next = inbox.take(1, decode)) {
      found.push(next)
      expect(inbox.taken).toBeGreaterThan(0)
    }
  }
  return { found, attempts, left: inbox.length, taken: inbox.taken }
}

test('a message may be cut anywhere, also twice', () => {
  const message = request(same(12, 30))
  const bytes = body(message)
  for (let first = 1; first < bytes.length; first++) {
    for (const second of [first, first + 1, first + 7, first + 100, bytes.length - 1]) {
      const { found, left, taken } = received(bytes, [first, Math.max(first, Math.min(second, bytes.length))])
      expect(isDeepStrictEqual(found, [message])).toBe(true)
      expect([left, taken]).toEqual([0, bytes.length])
    }
  }
})

test.each([
  ['small entries', [same(1_000, 128), same(3, 10), same(700, 200)]],
  ['entries of all sizes', [[1, 9_000, 4_090, 4_096, 5_000, 0, 70_000, 128, 8_192, 128], same(40, 3_000)]],
  ['entries that are each longer than a chunk', [same(5, 100_000), [], same(2, 300_000)]],
  ['no entries', [[], [], []]],
])('messages in pieces of any length are what was sent, and stay it: %s', (_, lists) => {
  let seed = 1
  const random = (below: number): number => (seed = (seed * 48_271) % 0x7fff_ffff) % below
  const sent = lists.map((sizes, at) => request(sizes, 1 + at * 10_000))
  const bytes = new Uint8Array(Buffer.concat(sent.map(body)))
  for (const most of [65_536, 20_000, 3_000]) {
    for (let round = 0; round < 8; round++) {
      const ends: number[] = []
      for (let at = 0; at < bytes.length; at += 1 + random(most)) ends.push(at)
      const { found, left } = received(bytes, ends)
      expect(isDeepStrictEqual(found, sent)).toBe(true)
      expect(left).toBe(0)
    }
  }
})

test('small entries are decoded once each, where they lie in the chunks', () => {
  const message = request(same(1_000, 128))
  const bytes = body(message)
  const { found, attempts } = received(bytes, [65_536, 131_072, 196_608])
  expect(found[0]?.entries?.length).toBe(1_000)
  // One for each chunk, and one for the entry between two.
  expect(attempts).toBeLessThanOrEqual(7)
  const kept = new Set(found[0]!.entries!.map(({ data }) => data!.buffer))
  expect([...kept].filter((buffer) => buffer.byteLength === 65_536).length).toBeGreaterThanOrEqual(3)
})

test('bytes that trickle in behind whole entries are each looked at once', () => {
  const bytes = body(request([...same(300, 128), 50_000]))
  const { found, attempts } = received(
    bytes,
    Array.from({ length: 51_000 }, (_, at) => bytes.length - 51_000 + at),
  )
  expect(found.length).toBe(1)
  expect(attempts).toBeLessThan(20)
})

test('entries that come one by one are decoded one by one', () => {
  const bytes = body(request(same(200, 128)))
  const { found, attempts } = received(
    bytes,
    Array.from({ length: 250 }, (_, at) => 100 * (at + 1)),
  )
  expect(found.length).toBe(1)
  expect(attempts).toBeLessThan(520)
})

test('a message that is cut off behind its entries goes on with what follows them', () => {
  const message = request(same(400, 128))
  const bytes = body(message)
  for (let back = 1; back < 130; back++) {
    const { found } = received(bytes, [65_536 - back, bytes.length - back])
    expect(isDeepStrictEqual(found, [message])).toBe(true)
  }
})

test('what is longer than allowed is refused, whatever was decoded of it', () => {
  const bytes = body(request(same(1_000, 128)))
  expect(() => received(bytes, [65_536, 131_072], 150_000)).toThrow(DecodeError)
  expect(() => received(bytes, [65_536, 131_072], bytes.length - 1)).toThrow(DecodeError)
  expect(received(bytes, [65_536, 131_072], bytes.length).found.length).toBe(1)
  // It is not waited for the rest.
  expect(() => received(bytes.subarray(0, 160_000), [65_536, 131_072], 150_000)).toThrow('more than 150000')
})

test('a message that ends within its entries is no message', () => {
  const whole = encodeRequest('appendEntries', request(same(20, 128)))
  expect(() => decodeRequest(whole.subarray(0, 2_000))).toThrow('the value ends early, at byte 2000')
})

test('an entry that is wrong is named, in whichever chunk it is', () => {
  const message = request(same(1_000, 128))
  const bytes = body(message)
  // The type of an entry far behind, which stands at the end of it.
  const last = Buffer.from(bytes).lastIndexOf('Type', bytes.length - 20_000)
  bytes[last + 4] = 9
  expect(() => received(bytes, [65_536, 131_072])).toThrow(
    /AppendEntriesRequest\.Entries: \[\d+\] Log\.Type: expected a type/,
  )
})

test('a structure that is written as an array is read once it is whole', () => {
  const message = request(same(3, 10))
  const map = Buffer.from(body(message))
  const entries = map.subarray(map.indexOf('Entries') + 7, map.indexOf('\xa2ID', 0, 'latin1'))
  const array = new Uint8Array(
    Buffer.concat([Buffer.from([0x99, 3, 0xa1, 1, 0xa1, 2, 7, 0xa1, 2, 0, 7]), entries, Buffer.from([0])]),
  )
  for (let cut = 1; cut < array.length; cut++) {
    const { found } = received(array, [cut])
    expect(isDeepStrictEqual(found[0]?.entries, message.entries)).toBe(true)
  }
})
