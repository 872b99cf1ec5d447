import { expect, test } from 'vitest'
import { RemoteError } from '../../src/types/errors.ts'
import type { AnyRPC } from '../../src/interfaces/transport.ts'
import { NetworkTransport } from '../../src/wire/index.ts'
import { turns } from './fake-clock.ts'
import {
  answer,
  append,
  chunksOf,
  heartbeat,
  peerB,
  preVoteRequest,
  responses,
  snapshotRequest,
  Taken,
  utf8,
  voteRequest,
  world,
} from './transport-fixture.ts'

test('every request arrives as it was sent, and so does its answer', async () => {
  const { a, b } = world()
  const got: AnyRPC[] = []
  b.setRPCHandler((rpc) => {
    got.push(rpc)
    answer(rpc)
  })
  expect(await a.appendEntries(peerB, append(7))).toEqual(responses.appendEntries)
  expect(await a.requestVote(peerB, voteRequest)).toEqual(responses.requestVote)
  expect(await a.requestPreVote(peerB, preVoteRequest)).toEqual(responses.requestPreVote)
  expect(await a.timeoutNow(peerB, { header: voteRequest.header })).toEqual(responses.timeoutNow)
  expect(await a.installSnapshot(peerB, snapshotRequest(10), chunksOf(10, 4))).toEqual(responses.installSnapshot)
  expect(got.map(({ type, command }) => ({ type, command }))).toEqual([
    { type: 'appendEntries', command: append(7) },
    { type: 'requestVote', command: voteRequest },
    { type: 'requestPreVote', command: preVoteRequest },
    { type: 'timeoutNow', command: { header: voteRequest.header } },
    { type: 'installSnapshot', command: snapshotRequest(10) },
  ])
})

test('an error travels as its text, as it is, and the connection is used again', async () => {
  const { a, b, layerA } = world()
  b.setRPCHandler((rpc) => rpc.respond(undefined, new Error('100%d of it failed')))
  const failed = a.requestVote(peerB, voteRequest)
  await expect(failed).rejects.toThrow(RemoteError)
  await expect(failed).rejects.toThrow('100%d of it failed')
  await expect(a.appendEntries(peerB, heartbeat)).rejects.toThrow('100%d of it failed')
  b.setRPCHandler((rpc) => {
    if (rpc.type === 'appendEntries') rpc.respond(responses.appendEntries, new Error('with a body'))
  })
  await expect(a.appendEntries(peerB, heartbeat)).rejects.toThrow('with a body')
  b.setRPCHandler(answer)
  await a.appendEntries(peerB, heartbeat)
  expect(layerA.dials).toBe(1)
})

test('an error without a text is an error all the same', async () => {
  const { a, b } = world()
  b.setRPCHandler((rpc) => rpc.respond(undefined, new TypeError('')))
  await expect(a.requestVote(peerB, voteRequest)).rejects.toThrow('TypeError')
})

test('a handler that throws has answered with what it threw', async () => {
  const { a, b, logs } = world()
  b.setRPCHandler(() => {
    throw new Error('a bug')
  })
  await expect(a.requestVote(peerB, voteRequest)).rejects.toThrow('a bug')
  expect(logs).toMatchObject([{ level: 'error', message: 'the handler of requests threw' }])
})

test('a second answer does nothing', async () => {
  const { a, b } = world()
  b.setRPCHandler((rpc) => {
    answer(rpc)
    answer(rpc)
    rpc.respond(undefined, new Error('late'))
  })
  await a.requestVote(peerB, voteRequest)
  await a.requestVote(peerB, voteRequest)
})

test('requests wait for a handler', async () => {
  const { a, b } = world()
  const answered = Promise.all([a.requestVote(peerB, voteRequest), a.appendEntries(peerB, heartbeat)])
  await turns()
  b.setRPCHandler(answer)
  expect(await answered).toEqual([responses.requestVote, responses.appendEntries])
})

test('a heartbeat goes to its own handler, even if nobody takes the other requests', async () => {
  const { a, b } = world()
  b.setHeartbeatHandler((rpc) => rpc.respond({ ...responses.appendEntries, lastLog: 1 }))
  expect((await a.appendEntries(peerB, heartbeat)).lastLog).toBe(1)
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  // The header's address may be missing if there is the older field, or the other way round.
  const old = { ...heartbeat, header: { protocolVersion: 0 }, leader: utf8('') }
  expect((await a.appendEntries(peerB, old)).lastLog).toBe(1)
  expect((await a.appendEntries(peerB, { ...heartbeat, leader: undefined, entries: [] })).lastLog).toBe(1)
  b.setHeartbeatHandler(undefined)
  void a.appendEntries(peerB, heartbeat).catch(() => undefined)
  await turns()
  expect(taken.types).toEqual(['appendEntries'])
})

const noHeartbeats = [
  { ...heartbeat, term: 0 },
  { ...heartbeat, header: { protocolVersion: 3 }, leader: undefined },
  { ...heartbeat, prevLogEntry: 1 },
  { ...heartbeat, prevLogTerm: 1 },
  { ...heartbeat, leaderCommitIndex: 1 },
  append(1),
]
test('whatever is more than a heartbeat goes to the handler of all', async () => {
  const { a, b } = world()
  b.setHeartbeatHandler((rpc) => rpc.respond(undefined, new Error('not for me')))
  b.setRPCHandler(answer)
  for (const request of noHeartbeats) expect(await a.appendEntries(peerB, request)).toEqual(responses.appendEntries)
})

test('what is sent in one turn leaves in one write, and so do its answers', async () => {
  const { a, b, layerA, layerB } = world({ maxRPCsInFlight: 10 })
  b.setRPCHandler(answer)
  const pipeline = await a.appendEntriesPipeline(peerB)
  const futures = await Promise.all([1, 2, 3, 4, 5].map(async (index) => pipeline.appendEntries(append(index))))
  await Promise.all(futures.map(({ response }) => response))
  expect(layerA.dialled[0]!.written.length).toBe(1)
  expect(layerB.accepted[0]!.written.length).toBe(1)
})

test('a request that cannot be encoded is refused, and leaves the connection as it was', async () => {
  const { a, b, layerA } = world()
  b.setRPCHandler(answer)
  await a.requestVote(peerB, voteRequest)
  await expect(a.requestVote(peerB, { ...voteRequest, term: -1 })).rejects.toThrow(RangeError)
  await a.requestVote(peerB, voteRequest)
  expect(layerA.dials).toBe(1)
})

test('an answer that cannot be encoded ends the connection', async () => {
  const { a, b, logs } = world()
  b.setRPCHandler((rpc) => {
    if (rpc.type === 'requestVote') rpc.respond({ ...responses.requestVote, term: 0.5 })
  })
  await expect(a.requestVote(peerB, voteRequest)).rejects.toThrow('b at b:1 ended the connection')
  expect(logs.some(({ message }) => message === 'an answer could not be encoded')).toBe(true)
})

test('peers are their addresses, or what the address provider says', async () => {
  const plain = world()
  expect(plain.a.encodePeer(peerB)).toEqual(utf8('b:1'))
  expect(plain.a.decodePeer(utf8('b:1'))).toBe('b:1')
  expect(plain.a.localAddress).toBe('a:1')

  const serverAddress = (id: string): string => {
    if (id !== 'b') throw new Error('unknown')
    return 'b:1'
  }
  const { a, b, logs } = world({ serverAddressProvider: { serverAddress } })
  const moved = { id: 'b', address: 'old:1' }
  expect(a.encodePeer(moved)).toEqual(utf8('b:1'))
  b.setRPCHandler(answer)
  await a.requestVote(moved, voteRequest)
  expect(a.encodePeer({ id: 'c', address: 'c:1' })).toEqual(utf8('c:1'))
  expect(logs).toMatchObject([{ level: 'warn', facts: { id: 'c', fallback: 'c:1' } }])
})

test('times are sent in the new format if that is asked for, and read either way', async () => {
  const { a, b, layerA } = world({ msgpackUseNewTimeFormat: true }, {})
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  void a.appendEntries(peerB, append(1)).catch(() => undefined)
  await turns()
  expect(Buffer.from(layerA.dialled[0]!.written[0]!).includes(Buffer.from('aa417070656e6465644174a8', 'hex'))).toBe(
    true,
  )
  expect(taken.rpcs[0]!.command).toEqual(append(1))
})

test('the measurements of spec, appendix B', async () => {
  const { a, b, metrics } = world()
  b.setHeartbeatHandler(answer)
  b.setRPCHandler(answer)
  await a.appendEntries(peerB, heartbeat)
  await a.appendEntries(peerB, append(1))
  await a.requestVote(peerB, voteRequest)
  await a.requestPreVote(peerB, preVoteRequest)
  await a.timeoutNow(peerB, { header: voteRequest.header })
  await a.installSnapshot(peerB, snapshotRequest(10), chunksOf(10, 10))
  const types = ['Heartbeat', 'AppendEntries', 'RequestVote', 'RequestPreVote', 'TimeoutNow', 'InstallSnapshot']
  for (const name of ['raft.net.rpcDecode', 'raft.net.rpcEnqueue', 'raft.net.rpcRespond']) {
    const found = metrics.filter((metric) => metric.name === name)
    expect(found.map(({ labels }) => labels?.['rpcType'])).toEqual(types)
    expect(found.every(({ kind, value }) => kind === 'timer' && value >= 0)).toBe(true)
  }
  expect(metrics.filter(({ name }) => name === 'raft.net.getRPCType').length).toBe(6)
})

test('options out of range are named all at once', () => {
  const { layerA: stream } = world()
  const make = (): NetworkTransport => new NetworkTransport({ stream, maxPool: -1, timeout: -5, maxConnections: 0 })
  expect(make).toThrow(RangeError)
  expect(make).toThrow(
    'maxPool must be at least 0, got -1; timeout must be at least 0, got -5; maxConnections must be at least 1, got 0',
  )
})
