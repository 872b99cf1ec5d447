import assert from 'node:assert/strict'
import type { AnyRPC, InstallSnapshotRequest, InstallSnapshotResponse, RPC } from '@raft/core'
import { concatBytes } from '../bytes.ts'
import { assertSame, type TransportCase, type TransportFixture } from './transport-fixture.ts'
import { requests, responses } from './transport-messages.ts'

/** Snapshots: a request, and bytes behind it. */
export const snapshotCases: readonly TransportCase[] = [
  {
    name: 'a snapshot arrives unchanged, its request first',
    run: async (fixture) => {
      const bytes = pattern(1_000_000)
      let received: Uint8Array | undefined
      fixture.answer((rpc) => {
        whenRead(rpc, (all) => (received = all))
      })
      const answer = await fixture.settle(install(fixture, bytes.length, chunks(bytes, 10_007)), 'it is answered')
      assertSame(answer, responses.installSnapshot)
      assertSame(fixture.received[0]?.command, { ...requests.installSnapshot, size: bytes.length })
      assert.ok(received !== undefined && Buffer.compare(received, bytes) === 0, 'the bytes are the same')
    },
  },
  {
    name: 'an empty snapshot arrives',
    run: async (fixture) => {
      let length = -1
      fixture.answer((rpc) => {
        whenRead(rpc, (all) => (length = all.length))
      })
      await fixture.settle(install(fixture, 0, chunks(new Uint8Array(0), 1)), 'it is answered')
      assert.equal(length, 0)
    },
  },
  unread('bytes that nobody reads are drained, and the next request is answered', async () => {}),
  unread('bytes that are read in part are drained, and the next request is answered', async (rpc) => {
    for await (const _ of rpc.reader!) break
  }),
  {
    name: 'a refused snapshot is drained: the error arrives, and the next request is answered',
    run: async (fixture) => {
      fixture.answer((rpc) => {
        if (rpc.type === 'installSnapshot') rpc.respond(undefined, new Error('unsupported snapshot'))
        else (rpc as RPC<'requestVote'>).respond(responses.requestVote)
      })
      const bytes = pattern(300_000)
      const error = await fixture.failure(install(fixture, bytes.length, chunks(bytes, 4_096)), 'the snapshot')
      assert.equal(error.message, 'unsupported snapshot')
      await nextIsAnswered(fixture)
    },
  },
  {
    name: 'no more bytes are sent than the request names',
    run: async (fixture) => {
      let length = 0
      fixture.answer((rpc) => {
        if (rpc.type !== 'installSnapshot') return (rpc as RPC<'requestVote'>).respond(responses.requestVote)
        whenRead(rpc, (all) => (length = all.length))
      })
      await fixture.settle(install(fixture, 1_000, chunks(pattern(5_000), 700)), 'it is answered')
      assert.equal(length, 1_000)
      await nextIsAnswered(fixture)
    },
  },
  broken('a source that ends early rejects the call, and its reader', () => chunks(pattern(500), 100)),
  broken('a source that fails rejects the call, and its reader', async function* () {
    yield pattern(100)
    throw new Error('the disk is gone')
  }),
]

function unread(name: string, read: (rpc: RPC<'installSnapshot'>) => Promise<void>): TransportCase {
  return {
    name,
    run: async (fixture) => {
      fixture.answer((rpc) => {
        if (rpc.type !== 'installSnapshot') return (rpc as RPC<'requestVote'>).respond(responses.requestVote)
        void read(rpc).then(() => rpc.respond(responses.installSnapshot))
      })
      const bytes = pattern(500_000)
      const answer = await fixture.settle(install(fixture, bytes.length, chunks(bytes, 8_192)), 'it is answered')
      assertSame(answer, responses.installSnapshot)
      await nextIsAnswered(fixture)
    },
  }
}

function broken(name: string, source: () => AsyncIterable<Uint8Array>): TransportCase {
  return {
    name,
    run: async (fixture) => {
      let failed = false
      fixture.answer((rpc) => {
        if (rpc.type !== 'installSnapshot') return (rpc as RPC<'requestVote'>).respond(responses.requestVote)
        void readAll(rpc).catch((error: unknown) => {
          failed = true
          rpc.respond(undefined, error as Error)
        })
      })
      await fixture.failure(install(fixture, 1_000, source()), 'the snapshot')
      await fixture.until(() => failed, 'the reader fails')
      await nextIsAnswered(fixture)
    },
  }
}

async function nextIsAnswered(fixture: TransportFixture): Promise<void> {
  const answer = await fixture.settle(fixture.call('requestVote', requests.requestVote), 'the next is answered')
  assertSame(answer, responses.requestVote)
}

function install(
  fixture: TransportFixture,
  size: number,
  data: AsyncIterable<Uint8Array>,
): Promise<InstallSnapshotResponse> {
  const request: InstallSnapshotRequest = { ...requests.installSnapshot, size }
  return fixture.first.installSnapshot(fixture.peer, request, data)
}

/** Reads all bytes, hands them to `fn`, and answers; or answers with the error. */
function whenRead(rpc: AnyRPC, fn: (all: Uint8Array) => void): void {
  const { respond } = rpc as RPC<'installSnapshot'>
  readAll(rpc as RPC<'installSnapshot'>).then(
    (all) => {
      fn(all)
      respond(responses.installSnapshot)
    },
    (error: unknown) => respond(undefined, error as Error),
  )
}

async function readAll(rpc: RPC<'installSnapshot'>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  // Copied: a transport may use the memory of a chunk again for the next one.
  for await (const chunk of rpc.reader!) parts.push(chunk.slice())
  return concatBytes(parts)
}

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + (at >>> 8)) & 0xff)
}

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}
