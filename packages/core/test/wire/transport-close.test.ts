import { expect, test } from 'vitest'
import { PipelineShutdownError, TransportShutdownError } from '../../src/types/errors.ts'
import { encodeRequest } from '../../src/wire/index.ts'
import { turns } from './fake-clock.ts'
import {
  answer,
  append,
  chunksOf,
  heartbeat,
  peerB,
  preVoteRequest,
  RawClient,
  snapshotRequest,
  Taken,
  voteRequest,
  world,
} from './transport-fixture.ts'

test('opened and closed, nothing is left', async () => {
  const { a, b, layerA, clock } = world()
  expect(a.isShutdown).toBe(false)
  await a.close()
  await a.close()
  await b.close()
  expect([a.isShutdown, layerA.closed, clock.timers]).toEqual([true, true, 0])
})

test('closing ends everything: what is idle, what is under way, what came in, and the listener (Q29)', async () => {
  const { a, b, layerA, layerB, clock, network } = world()
  b.setRPCHandler((rpc) => {
    if (rpc.type === 'requestPreVote') answer(rpc)
  })
  a.setRPCHandler(() => undefined)
  await a.requestPreVote(peerB, preVoteRequest)
  const pipeline = await a.appendEntriesPipeline(peerB)
  const future = await pipeline.appendEntries(append(1))
  const owed = [
    future.response,
    a.requestVote(peerB, voteRequest),
    a.installSnapshot(peerB, snapshotRequest(1_000), chunksOf(1_000, 100)),
  ]
  const asked = b.requestVote({ id: 'a', address: 'a:1' }, voteRequest)
  const client = new RawClient(network, layerA)
  client.send(encodeRequest('requestVote', voteRequest).slice(0, 9))
  await turns()
  expect(layerA.dialled.some(({ isClosed }) => isClosed)).toBe(false)
  const failed = owed.map((promise) => expect(promise).rejects.toThrow(TransportShutdownError))
  const lost = expect(asked).rejects.toMatchObject({ code: 'ERR_RAFT_CONNECTION' })
  await a.close()
  await Promise.all([...failed, lost])
  await turns()
  for (const stream of [...layerA.dialled, ...layerA.accepted, ...layerB.accepted]) expect(stream.isClosed).toBe(true)
  expect([layerA.closed, client.closed]).toEqual([true, true])
  await b.close()
  expect(clock.timers).toBe(0)
})

test('after that every call says so', async () => {
  const { a, b, layerA } = world({ maxRPCsInFlight: 1 })
  b.setRPCHandler(answer)
  const dials = layerA.dials
  await a.close()
  const calls = [
    a.appendEntries(peerB, heartbeat),
    a.appendEntriesPipeline(peerB),
    a.requestVote(peerB, voteRequest),
    a.requestPreVote(peerB, preVoteRequest),
    a.timeoutNow(peerB, { header: heartbeat.header }),
    a.installSnapshot(peerB, snapshotRequest(1), chunksOf(1, 1)),
  ]
  for (const call of calls) await expect(call).rejects.toThrow(TransportShutdownError)
  expect(layerA.dials).toBe(dials)
  expect(a.encodePeer(peerB).length).toBe(3)
})

test('a dial that is under way is given up, and what it leads to is ended', async () => {
  const { a, layerA } = world()
  layerA.dialHangs = true
  const call = a.requestVote(peerB, voteRequest)
  const failed = expect(call).rejects.toThrow(TransportShutdownError)
  await turns()
  await a.close()
  await failed

  const late = world()
  const near = late.a.requestVote(peerB, voteRequest)
  const closing = late.a.close()
  await expect(near).rejects.toThrow(TransportShutdownError)
  await closing
  await turns()
  expect(late.layerA.dialled.every(({ isClosed }) => isClosed)).toBe(true)
})

test('streams that were closed are made anew, and requests under way are not harmed', async () => {
  const { a, b, layerA, layerB } = world({ maxPool: 5 })
  b.setRPCHandler(answer)
  const round = (): Promise<unknown[]> =>
    Promise.all(Array.from({ length: 5 }, () => a.appendEntries(peerB, append(1))))
  await round()
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  const busy = a.requestVote(peerB, voteRequest)
  await turns()
  a.closeStreams()
  await turns()
  expect(layerA.dialled.filter(({ isClosed }) => isClosed).length).toBe(4)
  answer(taken.rpcs[0]!)
  await busy
  await turns()
  expect(layerA.dialled.every(({ isClosed }) => isClosed)).toBe(true)
  b.setRPCHandler(answer)
  await round()
  expect(layerA.dials).toBe(10)
  // The other side can do it as well.
  b.closeStreams()
  await turns()
  await round()
  expect(layerB.accepted.length).toBe(15)
})

test('closing the streams ends pipelines', async () => {
  const { a, b } = world({ maxRPCsInFlight: 4 })
  b.setRPCHandler(() => undefined)
  const pipeline = await a.appendEntriesPipeline(peerB)
  const future = await pipeline.appendEntries(append(1))
  a.closeStreams()
  await expect(future.response).rejects.toThrow('the streams were closed')
  await expect(pipeline.appendEntries(append(2))).rejects.toMatchObject({ code: 'ERR_RAFT_CONNECTION' })
})

test('a pipeline that was closed before the transport keeps its error', async () => {
  const { a, b } = world({ maxRPCsInFlight: 4 })
  b.setRPCHandler(() => undefined)
  const pipeline = await a.appendEntriesPipeline(peerB)
  await pipeline.close()
  await a.close()
  await expect(pipeline.appendEntries(append(1))).rejects.toThrow(PipelineShutdownError)
})
