// Requests that a live server of hashicorp/raft was asked on purpose, most of which it must refuse, and its answers.
import type { RPCName } from '@raft/core'
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '@raft/core/wire'
import { describe, expect, test } from 'vitest'
import { fromHex, goValue, linesOf, toHex } from './support/fixtures.ts'

interface Exchange {
  readonly why: string
  readonly kind: string
  readonly newTimeFormat: boolean
  readonly request: string
  readonly value: unknown
  readonly error: string
  readonly response: string
  readonly body: unknown
  readonly closed: boolean
}

const exchanges = linesOf<Exchange>('exchanges.jsonl')

for (const newTimeFormat of [false, true]) {
  describe(newTimeFormat ? 'with times in the new format' : 'with times in the old format', () => {
    for (const one of exchanges.filter((each) => each.newTimeFormat === newTimeFormat)) {
      if (one.kind === '') test(`garbage: ${one.why}`, () => checkGarbage(one))
      else test(`${one.kind}: ${one.why}`, () => check(one))
    }
  })
}

test('every kind of request is among them, answered with and without an error', () => {
  const of = (kind: string) => exchanges.filter((each) => each.kind === kind)
  for (const kind of ['AppendEntries', 'RequestVote', 'RequestPreVote', 'InstallSnapshot', 'TimeoutNow']) {
    expect(of(kind).some(({ error }) => error === '')).toBe(true)
    expect(of(kind).some(({ error, body }) => error !== '' && body === null)).toBe(true)
  }
  expect(of('InstallSnapshot').some(({ error, body }) => error !== '' && body !== null)).toBe(true)
})

function check({ kind, request, value, newTimeFormat, response, error, body }: Exchange): void {
  const sent = decodeRequest(fromHex(request))
  expect(sent.type).toBe(kind.charAt(0).toLowerCase() + kind.slice(1))
  expect(toHex(encodeRequest(sent.type, sent.request, { newTimeFormat }))).toBe(request)
  expect(inUTC(goValue(sent.request))).toEqual(inUTC(value))
  const answer = decodeResponse<RPCName>(sent.type, fromHex(response))
  expect(toHex(encodeResponse(sent.type, answer.response, answer.error))).toBe(response)
  expect(answer.error).toBe(error)
  expect(answer.response === undefined ? null : goValue(answer.response)).toEqual(body)
}

function checkGarbage({ request, response, closed }: Exchange): void {
  expect(() => decodeRequest(fromHex(request))).toThrow()
  expect([response, closed]).toEqual(['', true])
}

/** The new format does not carry the zone, so that only the instants can be compared. */
function inUTC(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (name, content: unknown) =>
      name === 'AppendedAt' && content !== '0001-01-01T00:00:00Z'
        ? [Date.parse(String(content)), /\.\d+/.exec(String(content))?.[0]]
        : content,
    ),
  )
}
