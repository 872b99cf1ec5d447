// What the chaos run relies on: a breach on the wire is seen, and laid at the right door.
import type { RPCRequests } from '@raft/core'
import { encodeRequest, encodeResponse, type NamedRequest } from '@raft/core/wire'
import { checkLinearizable, History } from '@raft/testing'
import { describe, expect, test } from 'vitest'
import { type Message, MessageStream } from '../src/chaos/message-stream.ts'
import { type Input, keyModel, type Output } from '../src/chaos/model.ts'
import { WireWatch } from '../src/chaos/wire-watch.ts'
import { fromHex, linesOf } from './support/fixtures.ts'

const header = { protocolVersion: 3 }
const append = (term: number, data?: string): NamedRequest => ({
  type: 'appendEntries',
  request: {
    ...{ header, term, prevLogEntry: 1, prevLogTerm: 1, leaderCommitIndex: 0 },
    entries: data === undefined ? [] : [{ index: 2, term: 1, type: 0, data: new TextEncoder().encode(data) }],
  },
})
const vote = (term: number): NamedRequest => ({
  type: 'requestVote',
  request: { header, term, lastLogIndex: 1, lastLogTerm: 1, leadershipTransfer: false },
})
const asked = (request: NamedRequest): Message => ({ kind: 'request', request })
const granted = (term: number): Message => ({
  kind: 'response',
  request: vote(term),
  response: { header, term, granted: true },
})

describe('the watch over the wire', () => {
  const servers = new Map([
    ['a', 'ts'],
    ['b', 'go'],
    ['c', 'go'],
  ] as const)
  const watching = () => new WireWatch(3, (address) => servers.get(address as 'a') ?? 'ts')

  test('says nothing of what is in order', () => {
    const watch = watching()
    watch.see({ from: 'a', to: 'b', message: granted(2) })
    watch.see({ from: 'a', to: 'b', message: asked(append(2, 'x')) })
    watch.see({ from: 'b', to: 'c', message: granted(3) })
    watch.see({ from: 'b', to: 'c', message: asked(append(3, 'x')) })
    expect([watch.breaches, watch.messages]).toEqual([[], 4])
  })

  test('of two leaders of a term, blames the one without a majority', () => {
    const watch = watching()
    watch.see({ from: 'a', to: 'b', message: granted(2) })
    watch.see({ from: 'b', to: 'c', message: asked(append(2)) })
    watch.see({ from: 'a', to: 'b', message: asked(append(2)) })
    expect(watch.breaches).toMatchObject([{ rule: 'one leader a term', kind: 'go' }])
  })

  test('blames whoever votes twice in a term', () => {
    const watch = watching()
    watch.see({ from: 'b', to: 'a', message: granted(2) })
    watch.see({ from: 'c', to: 'a', message: granted(2) })
    expect(watch.breaches).toMatchObject([{ rule: 'one vote a term', kind: 'ts' }])
  })

  test('blames whoever sends another entry under the same index and term', () => {
    const watch = watching()
    watch.see({ from: 'a', to: 'b', message: asked(append(2, 'x')) })
    watch.see({ from: 'b', to: 'c', message: asked(append(3, 'y')) })
    expect(watch.breaches).toMatchObject([{ rule: 'one entry an index and term', kind: 'go' }])
  })
})

describe('reading along on a connection', () => {
  for (const piece of [7, 100_000]) {
    test(`every message of the recorded conversation is seen, in pieces of ${piece}`, () => {
      const streams = new Map<number, MessageStream>()
      const seen = { requests: 0, responses: 0 }
      for (const { conn, dir, hex } of linesOf<{ conn: number; dir: string; hex: string }>('conversation-v2.jsonl')) {
        const stream = streams.get(conn) ?? new MessageStream(({ kind }) => seen[`${kind}s`]++)
        streams.set(conn, stream)
        const bytes = fromHex(hex)
        for (let at = 0; at < bytes.length; at += piece) {
          if (dir === 'request') stream.sent(bytes.subarray(at, at + piece))
          else stream.received(bytes.subarray(at, at + piece))
        }
      }
      expect([...streams.values()].map(({ failure }) => failure).filter(Boolean)).toEqual([])
      expect(seen.requests).toBeGreaterThan(50)
      expect(seen.requests - seen.responses).toBeLessThan(10)
    })
  }

  test('what is not written as we write it is noticed', () => {
    const messages: Message[] = []
    const stream = new MessageStream((message) => messages.push(message))
    const request: RPCRequests['timeoutNow'] = { header: { protocolVersion: 3 } }
    const bytes = encodeRequest('timeoutNow', request)
    stream.sent(bytes)
    const answer = encodeResponse('timeoutNow', { header: { protocolVersion: 0 } })
    // The last byte is the version; Go reads the longer form too, and does not write it.
    stream.received(new Uint8Array([...answer.subarray(0, -1), 0xcc, 0]))
    expect(messages.map(({ kind }) => kind)).toEqual(['request'])
    expect(stream.failure).toContain('not written the way we write it')
  })
})

describe('the model of a key', () => {
  const history = new History<Input, Output>()
  const note = (input: Input, output: Output) => history.end(history.begin(1, input), output)
  note({ op: 'put', key: 'k', value: 'one' }, { existed: false, value: 'one', version: 1 })
  note({ op: 'put', key: 'k', value: 'two' }, { existed: true, value: 'two', version: 2 })
  note({ op: 'get', key: 'k' }, { existed: true, value: 'two', version: 2 })

  test('accepts what is right', () => {
    expect(checkLinearizable(history.operations, keyModel).result).toBe('linearizable')
  })

  test('refuses a stale read', () => {
    note({ op: 'get', key: 'k' }, { existed: true, value: 'one', version: 1 })
    expect(checkLinearizable(history.operations, keyModel)).toMatchObject({ result: 'impossible', key: 'k' })
  })
})
