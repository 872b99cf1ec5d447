import { expect, test } from 'vitest'
import { ConnectionError, RPCTimeoutError } from '../../src/types/errors.ts'
import { turns } from './fake-clock.ts'
import {
  answer,
  append,
  heartbeat,
  peerB,
  preVoteRequest,
  responses,
  Taken,
  voteRequest,
  world,
} from './transport-fixture.ts'

test('of five connections three are kept, and the one used last is used first', async () => {
  const { a, b, layerA } = world({ maxPool: 3 })
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  const calls = Promise.all(Array.from({ length: 5 }, () => a.appendEntries(peerB, heartbeat)))
  await turns()
  expect(layerA.dials).toBe(5)
  taken.rpcs.forEach(answer)
  await calls
  await turns()
  expect(layerA.dialled.filter(({ isClosed }) => !isClosed).length).toBe(3)
  b.setRPCHandler(answer)
  for (let i = 0; i < 4; i++) await a.appendEntries(peerB, heartbeat)
  expect(layerA.dials).toBe(5)
  expect(layerA.dialled.map(({ written }) => written.length)).toEqual([1, 1, 5, 1, 1])
})

test('with no pool every request has a new connection', async () => {
  const { a, b, layerA } = world({ maxPool: 0 })
  b.setRPCHandler(answer)
  for (let i = 0; i < 3; i++) await a.appendEntries(peerB, heartbeat)
  await turns()
  expect(layerA.dials).toBe(3)
  expect(layerA.dialled.every(({ isClosed }) => isClosed)).toBe(true)
})

test('heartbeats pass what takes long: requests have a connection each', async () => {
  const { a, b } = world()
  b.setHeartbeatHandler(answer)
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  const slow = a.appendEntries(peerB, append(1, 5_000_000))
  for (let i = 0; i < 5; i++) await a.appendEntries(peerB, heartbeat)
  await turns()
  expect(taken.types).toEqual(['appendEntries'])
  answer(taken.rpcs[0]!)
  await slow
})

test('a connection that the peer ended while it was idle is forgotten', async () => {
  const { a, b, layerA, layerB } = world()
  b.setRPCHandler(answer)
  await a.appendEntries(peerB, heartbeat)
  layerB.accepted[0]!.destroy()
  await turns()
  await a.timeoutNow(peerB, { header: heartbeat.header })
  expect(layerA.dials).toBe(2)
})

test('an idle connection that ends upon the request is no failure: it is tried once on a new one', async () => {
  const { a, b, layerA, layerB } = world()
  b.setRPCHandler(answer)
  await a.appendEntries(peerB, heartbeat)
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  const call = a.appendEntries(peerB, append(1))
  await turns()
  layerB.accepted[0]!.destroy()
  await turns()
  expect(taken.rpcs.length).toBe(2)
  taken.rpcs.forEach(answer)
  expect(await call).toEqual(responses.appendEntries)
  expect(layerA.dials).toBe(2)
})

test('a new connection that ends upon the request is a failure, and is named', async () => {
  const { a, b, layerA, layerB } = world()
  b.setRPCHandler(() => layerB.accepted.at(-1)!.destroy())
  await expect(a.appendEntries(peerB, append(1))).rejects.toThrow(ConnectionError)
  await expect(a.appendEntries(peerB, append(1))).rejects.toThrow(
    'the connection to b at b:1 was lost: connection reset',
  )
  expect(layerA.dials).toBe(2)
})

test('a request to campaign is not repeated', async () => {
  const { a, b, layerA, layerB } = world()
  b.setRPCHandler(answer)
  await a.appendEntries(peerB, heartbeat)
  b.setRPCHandler(() => layerB.accepted[0]!.destroy())
  await expect(a.timeoutNow(peerB, { header: heartbeat.header })).rejects.toThrow(ConnectionError)
  expect(layerA.dials).toBe(1)
})

test('an answer that begins and breaks off is no reason to ask again', async () => {
  const { a, b, layerA, layerB } = world()
  b.setRPCHandler(answer)
  await a.appendEntries(peerB, heartbeat)
  b.setRPCHandler(() => {
    layerB.accepted[0]!.write(Uint8Array.of(0xa0, 0x87))
    setImmediate(() => setImmediate(() => layerB.accepted[0]!.destroy()))
  })
  await expect(a.appendEntries(peerB, heartbeat)).rejects.toThrow(ConnectionError)
  expect(layerA.dials).toBe(1)
})

test('a peer that does not answer in time loses the connection', async () => {
  const { a, b, clock, layerA, layerB } = world({ timeout: 500 })
  b.setRPCHandler(() => undefined)
  const call = a.requestVote(peerB, voteRequest)
  const failed = expect(call).rejects.toThrow('b at b:1 did not answer requestVote within 500 ms')
  await clock.advance(499)
  expect(layerA.dialled[0]!.isClosed).toBe(false)
  await clock.advance(1)
  await failed
  await expect(call).rejects.toThrow(RPCTimeoutError)
  expect(layerA.dialled[0]!.isClosed).toBe(true)
  await turns()
  expect(layerB.accepted[0]!.isClosed).toBe(true)
})

test('a timeout of 0 waits as long as it takes', async () => {
  const { a, b, clock } = world({ timeout: 0 })
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  const call = a.requestVote(peerB, voteRequest)
  await clock.advance(10_000_000)
  answer(taken.rpcs[0]!)
  await call
})

test('a retry has what is left of the time', async () => {
  const { a, b, clock, layerB } = world({ timeout: 500 })
  b.setRPCHandler(answer)
  await a.appendEntries(peerB, heartbeat)
  b.setRPCHandler(() => undefined)
  const failed = expect(a.appendEntries(peerB, append(1))).rejects.toThrow(RPCTimeoutError)
  await clock.advance(300)
  layerB.accepted[0]!.destroy()
  await clock.advance(199)
  expect(layerB.accepted[1]!.isClosed).toBe(false)
  await clock.advance(1)
  await failed
})

test('an address that cannot be reached is not hammered, and forgiven once it is heard of', async () => {
  const { a, b, clock, layerA } = world()
  layerA.dialError = new Error('connection refused')
  const call = (): Promise<unknown> => a.appendEntries(peerB, heartbeat)
  await expect(call()).rejects.toThrow('b at b:1 could not be reached: connection refused')
  await expect(call()).rejects.toThrow('b at b:1 could not be reached: connection refused; not tried again for 10 ms')
  await expect(call()).rejects.toMatchObject({ code: 'ERR_RAFT_CONNECTION', cause: layerA.dialError })
  expect(layerA.dials).toBe(1)
  const times: number[] = []
  for (let elapsed = 0; elapsed < 2_000; elapsed += 5) {
    const before = layerA.dials
    await expect(call()).rejects.toThrow(ConnectionError)
    if (layerA.dials > before) times.push(elapsed)
    await clock.advance(5)
  }
  // 10, 20, 40, 80, 160 ms after the one before, then every 250.
  expect(times).toEqual([10, 30, 70, 150, 310, 560, 810, 1_060, 1_310, 1_560, 1_810])

  layerA.dialError = undefined
  await expect(call()).rejects.toThrow('not tried again for')
  a.setRPCHandler(answer)
  await b.requestVote({ id: 'a', address: 'a:1' }, { ...voteRequest, header: responses.requestVote.header })
  b.setRPCHandler(answer)
  await call()
})

test('dials that began together fail as one', async () => {
  const { a, clock, layerA } = world()
  layerA.dialError = new Error('connection refused')
  await Promise.allSettled(Array.from({ length: 20 }, () => a.appendEntries(peerB, heartbeat)))
  expect(layerA.dials).toBe(20)
  await clock.advance(10)
  await expect(a.appendEntries(peerB, heartbeat)).rejects.toThrow('refused')
  expect(layerA.dials).toBe(21)
})

test('a dial that takes too long is given up, whatever the layer does', async () => {
  const { a, clock, layerA } = world({ timeout: 300 })
  layerA.dialHangs = true
  const call = expect(a.requestVote(peerB, voteRequest)).rejects.toThrow('b at b:1 could not be reached within 300 ms')
  await clock.advance(300)
  await call
})

test('a peer that ends a new connection upon a pre-vote is too old for it, if it answers other things (Q4)', async () => {
  const { a, b, layerB } = world()
  const old = (rpc: Parameters<typeof answer>[0]): void => {
    if (rpc.type === 'requestPreVote') layerB.accepted.at(-1)!.destroy()
    else answer(rpc)
  }
  b.setRPCHandler(old)
  // Nothing is known of it yet: it may just be going down.
  await expect(a.requestPreVote(peerB, preVoteRequest)).rejects.toMatchObject({ code: 'ERR_RAFT_CONNECTION' })
  await a.requestVote(peerB, voteRequest)
  // The idle connection ends, and so does the new one.
  await expect(a.requestPreVote(peerB, preVoteRequest)).rejects.toMatchObject({
    code: 'ERR_RAFT_PRE_VOTE_NOT_SUPPORTED',
  })
  // An error that is answered is an answer.
  b.setRPCHandler((rpc) => rpc.respond(undefined, new Error('busy')))
  await expect(a.requestPreVote(peerB, preVoteRequest)).rejects.toMatchObject({ code: 'ERR_RAFT_REMOTE' })
})

test('a peer that cannot be reached, or is silent, is not too old for pre-votes', async () => {
  const { a, b, clock, layerA } = world({ timeout: 100, maxPool: 0 })
  b.setRPCHandler(answer)
  await a.requestVote(peerB, voteRequest)
  b.setRPCHandler(() => undefined)
  const silent = expect(a.requestPreVote(peerB, preVoteRequest)).rejects.toMatchObject({ code: 'ERR_RAFT_TIMEOUT' })
  await clock.advance(100)
  await silent
  layerA.dialError = new Error('connection refused')
  await expect(a.requestPreVote(peerB, preVoteRequest)).rejects.toMatchObject({ code: 'ERR_RAFT_CONNECTION' })
})

test('a peer that has sent requests of its own counts as one that answers', async () => {
  const { a, b, layerB } = world()
  a.setRPCHandler(answer)
  b.setRPCHandler(() => layerB.accepted.at(-1)!.destroy())
  await b.requestVote({ id: 'a', address: 'a:1' }, { ...voteRequest, header: responses.requestVote.header })
  await expect(a.requestPreVote(peerB, preVoteRequest)).rejects.toMatchObject({
    code: 'ERR_RAFT_PRE_VOTE_NOT_SUPPORTED',
  })
})

for (const [bytes, why] of [
  [Uint8Array.of(0xc1), 'no MessagePack'],
  [Uint8Array.of(0xa0, 0x05), 'an integer for a body'],
  [Uint8Array.of(0x05), 'an integer for a text'],
  [Uint8Array.of(0xdb, 0xff, 0xff, 0xff, 0xff), 'a text of 4 GiB'],
] as const) {
  test(`an answer that cannot be read ends the connection: ${why}`, async () => {
    const { a, b, layerA, layerB } = world()
    b.setRPCHandler(() => layerB.accepted[0]!.write(bytes))
    await expect(a.requestVote(peerB, voteRequest)).rejects.toThrow(/b at b:1 sent an answer that cannot be read/)
    expect(layerA.dialled[0]!.isClosed).toBe(true)
  })
}

test('an answer without a request ends the connection', async () => {
  const { a, b, layerA, layerB } = world()
  b.setRPCHandler(answer)
  await a.requestVote(peerB, voteRequest)
  layerB.accepted[0]!.write(Uint8Array.of(0xa0, 0xc0))
  await turns()
  expect(layerA.dialled[0]!.isClosed).toBe(true)
  await a.requestVote(peerB, voteRequest)
  expect(layerA.dials).toBe(2)
})
