import { expect, test } from 'vitest'
import type { RPC } from '../../src/interfaces/transport.ts'
import { encodeRequest, encodeResponse } from '../../src/wire/index.ts'
import { turns } from './fake-clock.ts'
import { toHex } from './golden.ts'
import {
  answer,
  append,
  heartbeat,
  peerB,
  RawClient,
  responses,
  Taken,
  utf8,
  voteRequest,
  world,
} from './transport-fixture.ts'

const vote = encodeRequest('requestVote', voteRequest)
const voteAnswer = toHex(encodeResponse('requestVote', responses.requestVote))
const beat = encodeRequest('appendEntries', heartbeat)

test('requests that come at once are answered one by one, in order', async () => {
  const { b, network, layerB } = world()
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  const client = new RawClient(network, layerB)
  client.send(new Uint8Array(Buffer.concat([vote, beat, vote])))
  await turns()
  expect(taken.types).toEqual(['requestVote'])
  answer(taken.rpcs[0]!)
  await turns()
  // What is behind an AppendEntries is handed over before that is answered, but its answer waits.
  expect(taken.types).toEqual(['requestVote', 'appendEntries', 'requestVote'])
  answer(taken.rpcs[2]!)
  await turns()
  expect(toHex(client.received)).toBe(voteAnswer)
  answer(taken.rpcs[1]!)
  await turns()
  expect(toHex(client.received)).toBe(
    voteAnswer + toHex(encodeResponse('appendEntries', responses.appendEntries)) + voteAnswer,
  )
})

test('thousands of requests in one chunk, answered at once, do not exhaust the stack', async () => {
  const { b, network, layerB } = world()
  b.setRPCHandler(answer)
  b.setHeartbeatHandler(answer)
  const client = new RawClient(network, layerB)
  client.send(new Uint8Array(Buffer.concat(Array.from({ length: 5_000 }, () => beat))))
  await turns(200)
  expect(client.received.length).toBe(5_000 * encodeResponse('appendEntries', responses.appendEntries).length)
})

test('a request that trickles in byte by byte', async () => {
  const { b, network, layerB } = world()
  b.setRPCHandler(answer)
  const client = new RawClient(network, layerB)
  for (const byte of vote) client.send(Uint8Array.of(byte))
  await turns()
  expect(toHex(client.received)).toBe(voteAnswer)
})

const garbage: [Uint8Array, string, RegExp][] = [
  [Uint8Array.of(5), 'an unknown type', /unknown rpc type 5/],
  [Uint8Array.of(255), 'the last type', /unknown rpc type 255/],
  [Uint8Array.of(1, 0xa0), 'a string for a body', /RequestVoteRequest: expected a map, found a string/],
  [Uint8Array.of(1, 0xc1), 'no MessagePack', /found the marker c1/],
  [
    Uint8Array.of(0, 0x81, 0xa1, 0x78, 0xdd, 0xff, 0xff, 0xff, 0xff),
    'an array of 2^32 - 1',
    /more than 67108864 bytes/,
  ],
  [Uint8Array.of(1, 0x81, 0xa1, 0x78, 0xc6, 0x00, 0x20, 0x00, 0x00), 'a vote of 2 MiB', /more than 1048576 bytes/],
  [utf8('GET / HTTP/1.1\r\nHost: raft\r\n\r\n'), 'a browser', /unknown rpc type 71/],
]
for (const [bytes, why, error] of garbage) {
  test(`closed without an answer, and logged: ${why}`, async () => {
    const { b, network, layerB, logs } = world()
    b.setRPCHandler(answer)
    const client = new RawClient(network, layerB)
    client.send(bytes)
    await turns()
    expect([client.ended, client.received.length]).toEqual([true, 0])
    expect(logs).toMatchObject([{ level: 'warn', message: 'failed to decode incoming command' }])
    expect((logs[0]!.facts['error'] as Error).message).toMatch(error)
    expect(logs[0]!.facts['from']).toBe(layerB.accepted[0]!.remoteAddress)
  })
}

test('what was asked before the garbage is answered', async () => {
  const { b, network, layerB } = world()
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  const client = new RawClient(network, layerB)
  client.send(encodeRequest('appendEntries', append(1)), encodeRequest('appendEntries', append(2)), Uint8Array.of(99))
  await turns()
  expect([taken.rpcs.length, client.ended]).toEqual([2, false])
  answer(taken.rpcs[1]!)
  answer(taken.rpcs[0]!)
  await turns()
  expect([client.received.length, client.ended]).toEqual([
    2 * encodeResponse('appendEntries', responses.appendEntries).length,
    true,
  ])
})

test('the same complaint is logged once in ten seconds', async () => {
  const { network, layerB, logs, clock } = world()
  const complain = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) new RawClient(network, layerB).send(Uint8Array.of(99))
    await turns()
  }
  await complain(50)
  expect(logs.length).toBe(1)
  await clock.advance(10_000)
  await complain(3)
  expect(logs.length).toBe(2)
  expect(logs[1]!.facts['silenced']).toBe(49)
})

test('a connection that is closed between requests is no news', async () => {
  const { b, network, layerB, logs } = world()
  b.setRPCHandler(answer)
  const client = new RawClient(network, layerB)
  client.send(vote)
  await turns()
  client.stream.endWriting()
  await turns()
  expect([client.ended, logs.length]).toEqual([true, 0])
})

test('who ends its stream behind its requests still gets the answers', async () => {
  const { b, network, layerB } = world()
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  const client = new RawClient(network, layerB)
  client.send(vote, vote)
  client.stream.endWriting()
  await turns()
  answer(taken.rpcs[0]!)
  await turns()
  answer(taken.rpcs[1]!)
  await turns()
  expect([toHex(client.received), client.ended]).toEqual([voteAnswer + voteAnswer, true])
})

test('a connection that ends in the middle of a request is logged', async () => {
  const { network, layerB, logs } = world()
  const client = new RawClient(network, layerB)
  client.send(vote.slice(0, 20))
  client.stream.endWriting()
  await turns()
  expect(logs.map(({ message }) => message)).toEqual(['a connection ended in the middle of a request'])
  expect(client.ended).toBe(true)
})

test('a connection that says nothing, or does not finish what it says, is ended', async () => {
  const { b, network, layerB, clock } = world({ receiveTimeout: 1_000 })
  b.setRPCHandler(answer)
  const silent = new RawClient(network, layerB)
  const slow = new RawClient(network, layerB)
  const idle = new RawClient(network, layerB)
  idle.send(vote)
  await clock.advance(500)
  slow.send(vote.slice(0, 1))
  await clock.advance(499)
  expect([silent.ended, slow.ended, idle.ended]).toEqual([false, false, false])
  await clock.advance(1)
  expect([silent.ended, slow.ended, idle.ended]).toEqual([true, true, false])
  // One byte a second is not going on.
  await clock.advance(1_000_000)
  for (let at = 0; at < 20 && !idle.ended; at++) {
    idle.send(vote.slice(at, at + 1))
    await clock.advance(100)
  }
  expect(idle.ended).toBe(true)
})

test('a request that takes long to answer is not late', async () => {
  const { b, network, layerB, clock } = world({ receiveTimeout: 1_000 })
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  const client = new RawClient(network, layerB)
  client.send(vote)
  await clock.advance(100_000)
  answer(taken.rpcs[0]!)
  await turns()
  expect([client.ended, toHex(client.received)]).toEqual([false, voteAnswer])
})

test('bytes are read ahead only so far', async () => {
  const { b, network, layerB } = world()
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  const client = new RawClient(network, layerB)
  client.send(vote)
  for (let i = 0; i < 100; i++) client.send(encodeRequest('appendEntries', append(1, 50_000)))
  await turns(50)
  expect(layerB.accepted[0]!.isPaused).toBe(true)
  expect(taken.rpcs.length).toBe(1)
  for (let done = 0; done < 101; done++) {
    answer(taken.rpcs[done]!)
    await turns(3)
  }
  expect(taken.rpcs.length).toBe(101)
  expect(layerB.accepted[0]!.isPaused).toBe(false)
})

test('of large requests only some are under way, whatever their number', async () => {
  const { b, network, layerB } = world({ maxRequestsAhead: 100 })
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  const client = new RawClient(network, layerB)
  for (let i = 0; i < 10; i++) client.send(encodeRequest('appendEntries', append(1, 2_000_000)))
  await turns(100)
  expect(taken.rpcs.length).toBe(3)
})

test('who does not read answers is not read from', async () => {
  const { b, network, layerB } = world()
  b.setHeartbeatHandler(answer)
  const client = new RawClient(network, layerB)
  client.stream.pause()
  const many = new Uint8Array(Buffer.concat(Array.from({ length: 500 }, () => beat)))
  for (let i = 0; i < 30; i++) client.send(many)
  await turns(200)
  const server = layerB.accepted[0]!
  const written = (): number => server.written.reduce((sum, bytes) => sum + bytes.length, 0)
  expect(server.isPaused).toBe(true)
  expect(written()).toBeLessThan(500_000)
  client.stream.resume()
  await turns(200)
  expect(written()).toBe(15_000 * encodeResponse('appendEntries', responses.appendEntries).length)
})

test('no more connections than are allowed; one that has asked for something stays', async () => {
  const { b, network, layerB, logs } = world({ maxConnections: 3 })
  b.setRPCHandler(answer)
  const clients = [1, 2].map(() => new RawClient(network, layerB))
  clients.forEach((client) => client.send(vote))
  await turns()
  const silent = new RawClient(network, layerB)
  await turns()
  const late = new RawClient(network, layerB)
  late.send(vote)
  await turns()
  expect([silent.closed, late.closed, toHex(late.received)]).toEqual([true, false, voteAnswer])
  const tooMany = new RawClient(network, layerB)
  await turns()
  expect([tooMany.closed, ...clients.map(({ closed }) => closed)]).toEqual([true, false, false])
  expect(logs).toMatchObject([{ message: 'too many connections', facts: { maxConnections: 3 } }])
})

test('accepting that fails is tried again after 5 ms, then twice that, up to a second', async () => {
  const { layerB, clock, logs, b, network } = world()
  await turns()
  layerB.acceptError = new Error('no descriptors')
  const first = new RawClient(network, layerB)
  await turns()
  expect(layerB.accepts).toBe(2)
  await clock.advance(4_000)
  // At 0, 5, 15, 35, 75, 155, 315, 635, 1275, 2275 and 3275 ms.
  expect(layerB.accepts - 1).toBe(11)
  expect(logs.every(({ message }) => message === 'failed to accept connection')).toBe(true)
  layerB.acceptError = undefined
  await clock.advance(1_000)
  b.setRPCHandler(answer)
  first.send(vote)
  await turns()
  expect(toHex(first.received)).toBe(voteAnswer)
  // It was accepted in the meantime, so the next failure begins anew.
  layerB.acceptError = new Error('no descriptors')
  new RawClient(network, layerB)
  await turns()
  const before = layerB.accepts
  await clock.advance(5)
  expect(layerB.accepts).toBe(before + 1)
})

test('a request that was taken when the connection ended is answered to nobody', async () => {
  const { a, b, layerA } = world()
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  const call = expect(a.appendEntries(peerB, append(1))).rejects.toThrow('network is down')
  await turns()
  layerA.dialled[0]!.cut()
  await call
  answer(taken.rpcs[0]!)
  ;(taken.rpcs[0] as RPC<'appendEntries'>).respond(responses.appendEntries)
  await turns()
  expect(layerA.dialled[0]!.isClosed).toBe(true)
})
