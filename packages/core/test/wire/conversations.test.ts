import { expect, test } from 'vitest'
import type { InstallSnapshotRequest, RPCName } from '../../src/types/messages.ts'
import { readRequest } from '../../src/wire/codec/read-messages.ts'
import { type NamedRequest, readResponseFrame, rpcNames } from '../../src/wire/codec/rpc.ts'
import { Inbox } from '../../src/wire/inbox.ts'
import { encodeRequest, encodeResponse } from '../../src/wire/index.ts'
import { type ConversationLine, fromHex, goldenLines, toHex } from './golden.ts'

const files = [
  { name: 'conversation.jsonl', newTimeFormat: false },
  { name: 'conversation-new-time-format.jsonl', newTimeFormat: true },
]
/** All at once, byte by byte, and in pieces that split headers. */
const pieces = [Infinity, 1, 7]

for (const { name, newTimeFormat } of files) {
  for (const piece of pieces) {
    test(`${name} parses to its end and encodes to the same bytes, in pieces of ${piece}`, () => {
      const found: Record<string, number> = {}
      for (const { requests, responses } of connections(name).values()) {
        const types = checkRequests(requests, { newTimeFormat, piece })
        checkResponses(responses, types, piece)
        for (const type of types) found[type] = (found[type] ?? 0) + 1
      }
      expect(Object.keys(found).toSorted()).toEqual([...rpcNames].toSorted())
      // Two snapshots for followers that are behind, and one from a user's restore.
      expect(found['installSnapshot']).toBe(3)
    })
  }
}

interface Streams {
  requests: Uint8Array
  responses: Uint8Array
}

function connections(name: string): Map<number, Streams> {
  const streams = new Map<number, Streams>()
  for (const { conn, dir, hex } of goldenLines<ConversationLine>(name)) {
    const own = streams.get(conn) ?? { requests: new Uint8Array(0), responses: new Uint8Array(0) }
    const key = dir === 'request' ? 'requests' : 'responses'
    own[key] = Buffer.concat([own[key], fromHex(hex)])
    streams.set(conn, own)
  }
  return streams
}

function checkRequests(stream: Uint8Array, how: { newTimeFormat: boolean; piece: number }): RPCName[] {
  const types: RPCName[] = []
  const again: Uint8Array[] = []
  const inbox = new Inbox(1 << 20)
  let type: RPCName | undefined
  let snapshotBytes = 0
  for (const chunk of split(stream, how.piece)) {
    inbox.push(chunk)
    for (;;) {
      if (snapshotBytes > 0) {
        const raw = inbox.takeRaw(snapshotBytes)
        if (raw === undefined) break
        again.push(raw)
        snapshotBytes -= raw.length
        continue
      }
      if (type === undefined) {
        const byte = inbox.takeByte()
        if (byte === undefined) break
        type = rpcNames[byte]!
      }
      const request = inbox.take(1, readRequest[type])
      if (request === undefined) break
      if (type === 'installSnapshot') snapshotBytes = (request as InstallSnapshotRequest).size
      again.push(encodeRequest(type, request, how))
      types.push(type)
      type = undefined
    }
  }
  expect([inbox.length, type, snapshotBytes]).toEqual([0, undefined, 0])
  expect(toHex(Buffer.concat(again))).toBe(toHex(stream))
  return types
}

function checkResponses(stream: Uint8Array, types: RPCName[], piece: number): void {
  const again: Uint8Array[] = []
  const inbox = new Inbox(1 << 20)
  let next = 0
  for (const chunk of split(stream, piece)) {
    inbox.push(chunk)
    while (inbox.length > 0) {
      const type: NamedRequest['type'] = types[next]!
      const answer = inbox.take(2, (reader) => readResponseFrame(reader, type))
      if (answer === undefined) break
      again.push(encodeResponse(type, answer.response, answer.error))
      next++
    }
  }
  expect(inbox.length).toBe(0)
  expect(toHex(Buffer.concat(again))).toBe(toHex(stream))
}

function* split(bytes: Uint8Array, piece: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += piece) yield bytes.slice(at, at + piece)
}
