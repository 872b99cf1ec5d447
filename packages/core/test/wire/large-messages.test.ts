import { expect, test } from 'vitest'
import { LogType } from '../../src/types/log.ts'
import type { AppendEntriesRequest } from '../../src/types/messages.ts'
import { DEFAULT_MAX_MESSAGE_BYTES, type Reader } from '../../src/wire/codec/reader.ts'
import { readRequest } from '../../src/wire/codec/read-messages.ts'
import { encodeRequest } from '../../src/wire/index.ts'
import { Inbox } from '../../src/wire/inbox.ts'

const header = { protocolVersion: 3, id: Uint8Array.of(1), address: Uint8Array.of(2) }
/** What a socket hands over at a time. */
const CHUNK = 65_536

/** The body of an AppendEntries with entries of these sizes. */
function body(sizes: readonly number[]): Uint8Array {
  const entries = sizes.map((size, at) => ({
    index: at + 1,
    term: 1,
    type: LogType.Command,
    data: new Uint8Array(size).fill(at + 1),
    extensions: undefined,
    appendedAt: undefined,
  }))
  const positions = { prevLogEntry: 0, prevLogTerm: 0, entries, leaderCommitIndex: 0 }
  return encodeRequest('appendEntries', { header, term: 1, leader: header.address, ...positions }).subarray(1)
}

const MIB = 1_048_576

test.each([
  ['one entry', [DEFAULT_MAX_MESSAGE_BYTES - 1_024]],
  ['sixty-three entries of a MiB', Array.from({ length: 63 }, () => MIB)],
])('a message of 64 MiB is looked at once for each chunk, and decoded once: %s', (_, sizes) => {
  const bytes = body(sizes)
  const inbox = new Inbox(DEFAULT_MAX_MESSAGE_BYTES)
  let decodings = 0
  const decode = (reader: Reader): AppendEntriesRequest => {
    decodings += 1
    return readRequest.appendEntries(reader)
  }
  let found: AppendEntriesRequest | undefined
  let most = 0
  const before = process.memoryUsage().arrayBuffers
  for (let at = 0; at < bytes.length; at += CHUNK) {
    inbox.push(bytes.slice(at, at + CHUNK))
    found ??= inbox.take(1, decode)
    if (at % (64 * CHUNK) === 0) most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }
  expect(found?.entries?.map(({ data }) => data?.length)).toEqual(sizes)
  expect(inbox.length).toBe(0)
  // The first look finds that more must come; what is skipped over from then on is not decoded.
  expect(decodings).toBeLessThanOrEqual(2)
  expect(most).toBeLessThan(5 * DEFAULT_MAX_MESSAGE_BYTES)
})
