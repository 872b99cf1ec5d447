// Everything that recorded servers of hashicorp/raft said, read by our codec and written again, byte for byte.
import { LogType, type RPCName } from '@raft/core'
import {
  decodeConfiguration,
  decodePeers,
  decodeRequest,
  decodeResponse,
  encodeConfiguration,
  encodePeers,
  encodeRequest,
  encodeResponse,
  type NamedRequest,
} from '@raft/core/wire'
import { expect, test } from 'vitest'
import { fromHex, goServers, linesOf, toHex } from './support/fixtures.ts'

interface Line {
  readonly conn: number
  readonly dir: 'request' | 'response'
  readonly hex: string
}

interface MembershipEntry {
  readonly type: string
  readonly hex: string
  readonly value: unknown
}

const always: readonly RPCName[] = ['appendEntries', 'installSnapshot', 'requestPreVote', 'requestVote']
const conversations: readonly { name: string; newTimeFormat?: boolean; kinds: readonly RPCName[] }[] = [
  { name: 'v3', kinds: [...always, 'timeoutNow'] },
  { name: 'v3-new-time', newTimeFormat: true, kinds: [...always, 'timeoutNow'] },
  // Below version 3 leadership cannot be handed over.
  { name: 'v2', kinds: always },
  { name: 'v1', kinds: always },
]

for (const { name, newTimeFormat, kinds } of conversations) {
  test(`the conversation ${name} is read and written again byte for byte`, () => {
    const seen = new Set<RPCName>()
    for (const { requests, responses } of connections(`conversation-${name}.jsonl`)) {
      const sent = checkRequests(requests, newTimeFormat ?? false)
      checkResponses(responses, sent)
      for (const { type } of sent) seen.add(type)
    }
    expect([...seen].toSorted()).toEqual(kinds.toSorted())
  })

  test(`the membership entries of ${name} are read and written again byte for byte`, () => {
    const entries = linesOf<MembershipEntry>(`membership-${name}.jsonl`)
    expect(entries.length).toBeGreaterThanOrEqual(3)
    for (const { type, hex, value } of entries) {
      if (type === 'LogConfiguration') {
        const configuration = decodeConfiguration(fromHex(hex))
        expect({ Servers: goServers(configuration.servers) }).toEqual(value)
        expect(toHex(encodeConfiguration(configuration))).toBe(hex)
      } else {
        expect(type).toBe('LogRemovePeerDeprecated')
        expect(toHex(encodePeers(decodePeers(fromHex(hex), peers), peers))).toBe(hex)
      }
    }
  })
}

test('a conversation holds what it was recorded for', () => {
  const entries = connections('conversation-v3.jsonl').flatMap(({ requests }) =>
    checkRequests(requests, false).flatMap((one) => (one.type === 'appendEntries' ? (one.request.entries ?? []) : [])),
  )
  const has = (what: (entry: (typeof entries)[number]) => boolean) => entries.some(what)
  const commands = entries.filter(({ type }) => type === LogType.Command)
  expect(commands.some(({ data, extensions }) => data === undefined && extensions === undefined)).toBe(true)
  expect(commands.some(({ data }) => data?.length === 0)).toBe(true)
  expect(commands.some(({ extensions }) => extensions?.length === 3)).toBe(true)
  expect(commands.some(({ extensions }) => extensions?.length === 0)).toBe(true)
  expect(commands.some(({ data }) => (data?.length ?? 0) > 65_535)).toBe(true)
  expect(has(({ type }) => type === LogType.Barrier)).toBe(true)
  expect(has(({ type }) => type === LogType.Noop)).toBe(true)
  expect(has(({ type }) => type === LogType.Configuration)).toBe(true)
})

const peers = {
  encodePeer: ({ address }: { address: string }) => new TextEncoder().encode(address),
  decodePeer: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
}

interface Streams {
  requests: Uint8Array
  responses: Uint8Array
}

function connections(file: string): Streams[] {
  const streams = new Map<number, Streams>()
  for (const { conn, dir, hex } of linesOf<Line>(file)) {
    const own = streams.get(conn) ?? { requests: new Uint8Array(0), responses: new Uint8Array(0) }
    const key = dir === 'request' ? 'requests' : 'responses'
    own[key] = new Uint8Array(Buffer.concat([own[key], fromHex(hex)]))
    streams.set(conn, own)
  }
  return [...streams.values()]
}

function checkRequests(stream: Uint8Array, newTimeFormat: boolean): NamedRequest[] {
  const found: NamedRequest[] = []
  for (let at = 0; at < stream.length;) {
    const one = decodeRequest(stream.subarray(at))
    const again = encodeRequest(one.type, one.request, { newTimeFormat })
    expect(toHex(again)).toBe(toHex(stream.subarray(at, at + again.length)))
    at += again.length + (one.type === 'installSnapshot' ? one.request.size : 0)
    found.push(one)
  }
  return found
}

function checkResponses(stream: Uint8Array, sent: readonly NamedRequest[]): void {
  let next = 0
  for (let at = 0; at < stream.length; next++) {
    const { type } = sent[next]!
    const { error, response } = decodeResponse(type, stream.subarray(at))
    const again = encodeResponse(type, response, error)
    expect(toHex(again)).toBe(toHex(stream.subarray(at, at + again.length)))
    at += again.length
  }
}
