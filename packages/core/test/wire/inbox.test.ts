import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { DecodeError } from '../../src/types/errors.ts'
import type { Log } from '../../src/types/log.ts'
import { readRequest } from '../../src/wire/codec/read-messages.ts'
import { encodeRequest } from '../../src/wire/index.ts'
import { POOL_BYTES } from '../../src/wire/byte-pool.ts'
import { Inbox } from '../../src/wire/inbox.ts'

const header = { protocolVersion: 3, id: Uint8Array.of(1), address: Uint8Array.of(2) }

function frame(entries: readonly Log[]): Uint8Array {
  const request = {
    header,
    term: 1,
    leader: header.address,
    prevLogEntry: 0,
    prevLogTerm: 0,
    entries,
    leaderCommitIndex: 0,
  }
  return encodeRequest('appendEntries', request).subarray(1)
}

function entry(index: number, bytes: number): Log {
  return {
    index,
    term: 1,
    type: 0,
    data: new Uint8Array(bytes).fill(index),
    extensions: undefined,
    appendedAt: undefined,
  }
}

const take = (inbox: Inbox): readonly Log[] | undefined => inbox.take(1, readRequest.appendEntries)?.entries

test('messages in one chunk, and one that is cut anywhere', () => {
  const frames = [frame([entry(1, 10)]), frame([]), frame([entry(2, 300), entry(3, 0)])]
  const all = new Uint8Array(Buffer.concat(frames))
  for (let cut = 0; cut <= all.length; cut++) {
    const inbox = new Inbox(1 << 16)
    const found: (readonly Log[])[] = []
    for (const chunk of [all.slice(0, cut), all.slice(cut)]) {
      if (chunk.length > 0) inbox.push(chunk)
      for (let entries = take(inbox); entries !== undefined; entries = take(inbox)) found.push(entries)
    }
    expect(isDeepStrictEqual(found, [[entry(1, 10)], [], [entry(2, 300), entry(3, 0)]])).toBe(true)
    expect(inbox.length).toBe(0)
  }
})

test('what was handed out does not change when more arrives', () => {
  const inbox = new Inbox(1 << 20)
  const frames = Array.from({ length: 50 }, (_, i) => frame([entry(i + 1, 100)]))
  const found: Log[] = []
  const all = new Uint8Array(Buffer.concat(frames))
  for (let at = 0; at < all.length; at += 13) {
    inbox.push(all.slice(at, at + 13))
    for (let entries = take(inbox); entries !== undefined; entries = take(inbox)) found.push(...entries)
  }
  expect(found).toEqual(Array.from({ length: 50 }, (_, i) => entry(i + 1, 100)))
})

test('bytes that trickle in are each looked at once', () => {
  const inbox = new Inbox(1 << 22)
  const whole = frame(Array.from({ length: 2_000 }, (_, i) => entry((i % 250) + 1, 100)))
  let attempts = 0
  let found: readonly Log[] | undefined
  for (let at = 0; at < whole.length && found === undefined; at++) {
    inbox.push(whole.subarray(at, at + 1))
    found = inbox.take(1, (reader) => {
      attempts++
      return readRequest.appendEntries(reader).entries
    })
  }
  expect(found?.length).toBe(2_000)
  // Once with the first byte, and once when the last was there.
  expect(attempts).toBe(2)
})

test('a message that is too long is refused as soon as that can be known', () => {
  const inbox = new Inbox(2_000)
  const long = frame([entry(1, 3_000)])
  inbox.push(long.subarray(0, 60))
  expect(() => take(inbox)).toThrow(DecodeError)
  const whole = new Inbox(2_000)
  whole.push(long)
  expect(() => take(whole)).toThrow('a message of')
  const less = new Inbox(1 << 20)
  less.push(long)
  expect(() => less.take(1, readRequest.appendEntries, 2_000)).toThrow(DecodeError)
})

test('a large chunk is not kept for the sake of a small entry', () => {
  const entries = Array.from({ length: 400 }, (_, i) => entry((i % 250) + 1, i % 40 === 0 ? 20_000 : 100))
  const chunk = frame(entries)
  expect(chunk.length).toBeGreaterThan(200_000)
  const inbox = new Inbox(1 << 20)
  inbox.push(chunk)
  const found = take(inbox)!
  expect(isDeepStrictEqual(found, entries)).toBe(true)
  for (const { data } of found) expect(data!.buffer.byteLength).toBeLessThanOrEqual(Math.max(POOL_BYTES, data!.length))
  // A chunk that is mostly one entry is not copied.
  const one = frame([entry(1, 100_000)])
  inbox.push(one)
  expect(take(inbox)![0]!.data!.buffer).toBe(one.buffer)
})

test('entries that are cut off in the middle of a large chunk are read when the rest is there', () => {
  const entries = Array.from({ length: 600 }, (_, i) => entry((i % 250) + 1, 100))
  const all = frame(entries)
  for (const cut of [20, 16_384, 40_000, all.length - 1]) {
    const inbox = new Inbox(1 << 20)
    inbox.push(all.slice(0, cut))
    expect(take(inbox)).toBeUndefined()
    inbox.push(all.slice(cut))
    expect(isDeepStrictEqual(take(inbox), entries)).toBe(true)
  }
})

test('the ID and address of a peer are one object, message after message', () => {
  const inbox = new Inbox(1 << 16)
  inbox.push(new Uint8Array(Buffer.concat([frame([]), frame([])])))
  const [first, second] = [inbox.take(1, readRequest.appendEntries)!, inbox.take(1, readRequest.appendEntries)!]
  expect(first.header.address).toBe(second.header.address)
  expect(first.header.id).toEqual(header.id)
})

test('raw bytes come as they are, no more than asked for', () => {
  const inbox = new Inbox(1 << 16)
  inbox.push(Uint8Array.of(1, 2, 3, 4, 5))
  expect(inbox.takeByte()).toBe(1)
  expect(inbox.takeRaw(2)).toEqual(Uint8Array.of(2, 3))
  expect(inbox.takeRaw(9)).toEqual(Uint8Array.of(4, 5))
  expect([inbox.takeRaw(9), inbox.takeByte(), inbox.length]).toEqual([undefined, undefined, 0])
})

test.each([
  ['many small entries', Array.from({ length: 500 }, () => 200)],
  ['one that is nearly all of it', [600_000, 10]],
  ['several that are large', [40_000, 40_000, 40_000]],
])('what was handed out does not change when the buffer it was gathered in is used again: %s', (_, sizes) => {
  const inboxes = [new Inbox(1 << 20), new Inbox(1 << 20)]
  const sent: (readonly Log[])[] = []
  const found: (readonly Log[] | undefined)[] = []
  for (let round = 0; round < 6; round++) {
    const entries = sizes.map((size, at) => entry(((at + 7 * round) % 250) + 1, size))
    const bytes = frame(entries)
    const inbox = inboxes[round % 2]!
    for (let at = 0; at < bytes.length; at += 30_000) inbox.push(bytes.slice(at, at + 30_000))
    sent.push(entries)
    found.push(take(inbox))
    expect(inbox.length).toBe(0)
  }
  expect(isDeepStrictEqual(found, sent)).toBe(true)
})

test('raw bytes do not change when the buffer they were gathered in is used again', () => {
  const inbox = new Inbox(1 << 20)
  const found: Uint8Array[] = []
  for (const byte of [1, 2, 3]) {
    for (let chunk = 0; chunk < 3; chunk++) inbox.push(new Uint8Array(30_000).fill(byte))
    found.push(inbox.takeRaw(90_000)!)
  }
  expect(
    found.map((raw) =>
      Buffer.compare(raw, new Uint8Array(90_000).fill(raw === found[0] ? 1 : raw === found[1] ? 2 : 3)),
    ),
  ).toEqual([0, 0, 0])
})
