import { expect, test } from 'vitest'
import { isRaftError } from '../../src/types/errors.ts'
import { encodeRequest, encodeResponse } from '../../src/wire/index.ts'
import { turns } from './fake-clock.ts'
import {
  answer,
  append,
  chunksOf,
  heartbeat,
  peerB,
  RawClient,
  responses,
  snapshotRequest,
  type World,
  voteRequest,
  world,
} from './transport-fixture.ts'

const requests: [string, number, number, (w: World) => Promise<unknown>][] = [
  [
    'appendEntries',
    encodeRequest('appendEntries', append(1)).length,
    encodeResponse('appendEntries', responses.appendEntries).length,
    ({ a }) => a.appendEntries(peerB, append(1)),
  ],
  [
    'requestVote',
    encodeRequest('requestVote', voteRequest).length,
    encodeResponse('requestVote', responses.requestVote).length,
    ({ a }) => a.requestVote(peerB, voteRequest),
  ],
  [
    'installSnapshot',
    encodeRequest('installSnapshot', snapshotRequest(20)).length + 20,
    encodeResponse('installSnapshot', responses.installSnapshot).length,
    ({ a }) => a.installSnapshot(peerB, snapshotRequest(20), chunksOf(20, 7)),
  ],
]

for (const [name, requestBytes, responseBytes, call] of requests) {
  test(`${name}: the connection is lost after any byte of the request`, async () => {
    for (let offset = 0; offset < requestBytes; offset++) {
      const w = world()
      w.b.setRPCHandler(answer)
      w.network.cutAfter = { requests: offset }
      await expect(call(w)).rejects.toSatisfy((error: unknown) => isRaftError(error))
      await w.a.close()
      await w.b.close()
      expect(w.clock.timers).toBe(0)
    }
  })

  test(`${name}: the connection is lost after any byte of the answer`, async () => {
    for (let offset = 0; offset < responseBytes; offset++) {
      const w = world()
      w.b.setRPCHandler(answer)
      w.network.cutAfter = { responses: offset }
      await expect(call(w)).rejects.toMatchObject({ code: 'ERR_RAFT_CONNECTION' })
      w.network.cutAfter = undefined
      await call(w)
    }
  })
}

test('whatever comes in, others are served, and nothing throws', async () => {
  const { a, b, network, layerB, logs } = world()
  b.setRPCHandler(answer)
  const frames = [
    encodeRequest('appendEntries', append(1)),
    encodeRequest('requestVote', voteRequest),
    new Uint8Array([...encodeRequest('installSnapshot', snapshotRequest(5)), 1, 2, 3, 4, 5]),
  ]
  let seed = 7
  const random = (most: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((seed / 2 ** 32) * most)
  }
  for (let round = 0; round < 400; round++) {
    const bytes = frames[random(frames.length)]!.slice()
    for (let changes = random(4); changes >= 0; changes--) bytes[random(bytes.length)] = random(256)
    const client = new RawClient(network, layerB)
    const cut = random(bytes.length)
    client.send(bytes.slice(0, cut), bytes.slice(cut))
    if (random(3) === 0) client.stream.cut()
    if (random(3) === 0) client.stream.endWriting()
    await turns(2)
  }
  expect(await a.appendEntries(peerB, heartbeat)).toEqual(responses.appendEntries)
  expect(logs.every(({ level }) => level === 'warn')).toBe(true)
})
