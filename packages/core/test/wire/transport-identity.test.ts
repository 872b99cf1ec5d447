import { expect, test } from 'vitest'
import { turns } from './fake-clock.ts'
import { identity } from './memory-streams.ts'
import { answer, append, heartbeat, peerB, responses, voteRequest, world } from './transport-fixture.ts'

const pretender = { protocolVersion: 3, id: new TextEncoder().encode('c'), address: new TextEncoder().encode('c:1') }

test('who is dialled has to be who was meant', async () => {
  const { a, b, layerA } = world()
  b.setRPCHandler(answer)
  layerA.identityOfDialled = identity(({ id }) => id === 'b')
  await a.requestVote(peerB, voteRequest)
  const wrong = a.requestVote({ id: 'c', address: 'b:1' }, voteRequest)
  await expect(wrong).rejects.toThrow('c at b:1 did not prove who it is: refused')
  await expect(wrong).rejects.toMatchObject({ code: 'ERR_RAFT_CONNECTION' })
})

test('it is asked once for a connection and a peer', async () => {
  const { a, b, layerA } = world()
  b.setRPCHandler(answer)
  const known = identity(() => Promise.resolve(true))
  layerA.identityOfDialled = known
  for (let i = 0; i < 5; i++) await a.requestVote(peerB, voteRequest)
  expect(known.asked).toEqual([peerB])
  const pipeline = await a.appendEntriesPipeline(peerB)
  await (
    await pipeline.appendEntries(append(1))
  ).response
  expect(known.asked).toEqual([peerB, peerB])
})

test('a refusal counts as a dial that failed', async () => {
  const { a, layerA } = world()
  layerA.identityOfDialled = identity(() => {
    throw new Error('certificate of somebody else')
  })
  await expect(a.requestVote(peerB, voteRequest)).rejects.toThrow(
    'b at b:1 did not prove who it is: certificate of somebody else',
  )
  await expect(a.requestVote(peerB, voteRequest)).rejects.toThrow('not tried again for 10 ms')
  expect(layerA.dials).toBe(1)
  expect(layerA.dialled[0]!.isClosed).toBe(true)
})

test('a proof that does not come is a dial that takes too long', async () => {
  const { a, layerA, clock } = world({ timeout: 200 })
  layerA.identityOfDialled = identity(() => new Promise(() => undefined))
  const call = expect(a.requestVote(peerB, voteRequest)).rejects.toThrow('could not be reached within 200 ms')
  await clock.advance(200)
  await call
})

test('who asks has to be who it says, in every request', async () => {
  const { a, b, layerB, logs } = world({ maxPool: 1 })
  b.setRPCHandler(answer)
  const known = identity(({ id, address }) => Promise.resolve(id === 'a' && address === 'a:1'))
  layerB.identityOfAccepted = known
  for (let i = 0; i < 3; i++) await a.requestVote(peerB, voteRequest)
  await a.appendEntries(peerB, heartbeat)
  expect(known.asked).toEqual([{ id: 'a', address: 'a:1' }])
  await expect(a.timeoutNow(peerB, { header: pretender })).rejects.toMatchObject({ code: 'ERR_RAFT_CONNECTION' })
  expect(known.asked.at(-1)).toEqual({ id: 'c', address: 'c:1' })
  expect(logs.at(-1)).toMatchObject({
    level: 'warn',
    message: 'a connection may not speak as the server it names',
    facts: { id: 'c', address: 'c:1' },
  })
})

test('nothing of a request is handed over before it is known who sent it', async () => {
  const { a, b, layerB } = world()
  let accept: ((accepted: boolean) => void) | undefined
  layerB.identityOfAccepted = identity(() => new Promise((resolve) => (accept = resolve)))
  const got: string[] = []
  b.setRPCHandler((rpc) => {
    got.push(rpc.type)
    answer(rpc)
  })
  b.setHeartbeatHandler(answer)
  const call = a.appendEntries(peerB, append(1))
  await turns()
  expect(got).toEqual([])
  accept!(true)
  expect(await call).toEqual(responses.appendEntries)
})

test('a request that names nobody is asked about as nobody', async () => {
  const { a, b, layerB, logs } = world()
  b.setRPCHandler(answer)
  const known = identity(({ id }) => id !== '')
  layerB.identityOfAccepted = known
  const anonymous = { ...voteRequest, header: { protocolVersion: 0 } }
  await expect(a.requestVote(peerB, anonymous)).rejects.toMatchObject({ code: 'ERR_RAFT_CONNECTION' })
  expect(known.asked[0]).toEqual({ id: '', address: '' })
  expect(logs.length).toBe(1)
})
