import { expect, test } from 'vitest'
import { PipelineReplicationNotSupportedError, PipelineShutdownError, RPCTimeoutError } from '../../src/types/errors.ts'
import type { AppendFuture } from '../../src/interfaces/transport.ts'
import { turns } from './fake-clock.ts'
import { answer, append, appended, heartbeat, peerB, Taken, world } from './transport-fixture.ts'

/** Answers each AppendEntries with its own index. */
const answerIndex = (rpc: Parameters<typeof answer>[0]): void => {
  if (rpc.type === 'appendEntries') rpc.respond(appended(rpc.command.prevLogEntry + 1))
}

test('ten answers come in the order of their requests', async () => {
  const { a, b, clock } = world()
  b.setRPCHandler(answerIndex)
  const pipeline = await a.appendEntriesPipeline(peerB)
  const futures: AppendFuture[] = []
  for (let index = 1; index <= 10; index++) futures.push(await pipeline.appendEntries(append(index)))
  expect(await Promise.all(futures.map(({ response }) => response))).toEqual(
    Array.from({ length: 10 }, (_, i) => appended(i + 1)),
  )
  expect(futures[3]).toMatchObject({ started: clock.now(), request: append(4) })
})

test('a hundred requests, all answered', async () => {
  const { a, b } = world({ maxRPCsInFlight: 16 })
  b.setRPCHandler(answerIndex)
  const pipeline = await a.appendEntriesPipeline(peerB)
  const answers: Promise<unknown>[] = []
  for (let index = 1; index <= 100; index++) answers.push((await pipeline.appendEntries(append(index))).response)
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 100 }, (_, i) => appended(i + 1)))
})

test('a hundred requests, and the streams closed before the last: it fails, and the next pipeline works', async () => {
  const { a, b } = world({ maxRPCsInFlight: 16 })
  b.setRPCHandler(answerIndex)
  const pipeline = await a.appendEntriesPipeline(peerB)
  for (let index = 1; index < 100; index++) await (await pipeline.appendEntries(append(index))).response
  b.closeStreams()
  await turns()
  await expect((async () => (await pipeline.appendEntries(append(100))).response)()).rejects.toMatchObject({
    code: 'ERR_RAFT_CONNECTION',
  })
  const next = await a.appendEntriesPipeline(peerB)
  expect(await (await next.appendEntries(append(100))).response).toEqual(appended(100))
})

test('one at a time is no pipeline, and nothing is dialled for it', async () => {
  const { a, layerA } = world({ maxRPCsInFlight: 1 })
  await expect(a.appendEntriesPipeline(peerB)).rejects.toThrow(PipelineReplicationNotSupportedError)
  expect(layerA.dials).toBe(0)
})

for (const [limit, window] of [
  [0, 2],
  [2, 2],
  [10, 10],
] as const) {
  test(`with a limit of ${limit}, ${window - 1} requests are taken at once and the next waits for an answer`, async () => {
    const { a, b } = world({ maxRPCsInFlight: limit, maxRequestsAhead: 100 })
    const taken = new Taken()
    b.setRPCHandler(taken.handler)
    const pipeline = await a.appendEntriesPipeline(peerB)
    for (let index = 1; index < window; index++)
      expect(pipeline.appendEntries(append(index))).not.toBeInstanceOf(Promise)
    let got: AppendFuture | undefined
    const last = pipeline.appendEntries(append(window))
    expect(last).toBeInstanceOf(Promise)
    void Promise.resolve(last).then((future) => (got = future))
    await turns()
    // It is on its way, though: the window is full, and not less than full.
    expect([taken.rpcs.length, got]).toEqual([window, undefined])
    answerIndex(taken.rpcs[0]!)
    await turns()
    expect(got?.request.prevLogEntry).toBe(window - 1)
  })
}

test('who does not wait for room is served in order, and never more than the window is on its way', async () => {
  const { a, b } = world({ maxRPCsInFlight: 2 })
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  const pipeline = await a.appendEntriesPipeline(peerB)
  const answers = [1, 2, 3, 4, 5].map(async (index) => (await pipeline.appendEntries(append(index))).response)
  for (let done = 0; done < 5; done++) {
    await turns()
    expect(taken.rpcs.length).toBe(Math.min(5, done + 2))
    answerIndex(taken.rpcs[done]!)
  }
  expect(await Promise.all(answers)).toEqual([1, 2, 3, 4, 5].map(appended))
})

test('the receiver has several requests at a time, and answers them in any order of its own', async () => {
  const { a, b } = world({ maxRPCsInFlight: 5, maxRequestsAhead: 3 })
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  const pipeline = await a.appendEntriesPipeline(peerB)
  const answers = await Promise.all([1, 2, 3, 4].map(async (index) => pipeline.appendEntries(append(index))))
  await turns()
  expect(taken.rpcs.length).toBe(3)
  answerIndex(taken.rpcs[2]!)
  answerIndex(taken.rpcs[1]!)
  await turns()
  expect(taken.rpcs.length).toBe(3)
  answerIndex(taken.rpcs[0]!)
  await turns()
  answerIndex(taken.rpcs[3]!)
  expect(await Promise.all(answers.map(({ response }) => response))).toEqual([1, 2, 3, 4].map(appended))
})

test('an error in an answer fails one request and no other', async () => {
  const { a, b } = world({ maxRPCsInFlight: 5 })
  b.setRPCHandler((rpc) => {
    if (rpc.type !== 'appendEntries') return
    if (rpc.command.prevLogEntry === 1) rpc.respond(undefined, new Error('not this one'))
    else answerIndex(rpc)
  })
  const pipeline = await a.appendEntriesPipeline(peerB)
  const futures = await Promise.all([1, 2, 3].map(async (index) => pipeline.appendEntries(append(index))))
  const results = await Promise.allSettled(futures.map(({ response }) => response))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  await expect(futures[1]!.response).rejects.toMatchObject({ code: 'ERR_RAFT_REMOTE', message: 'not this one' })
})

test('a pipeline that was closed takes nothing, and owes no answer', async () => {
  const { a, b, layerA } = world({ maxRPCsInFlight: 3 })
  b.setRPCHandler(() => undefined)
  const pipeline = await a.appendEntriesPipeline(peerB)
  const first = await pipeline.appendEntries(append(1))
  const calls = [2, 3, 4, 5, 6].map((index) => Promise.resolve(pipeline.appendEntries(append(index))))
  await turns()
  await pipeline.close()
  await expect(first.response).rejects.toThrow(PipelineShutdownError)
  const settled = await Promise.allSettled(calls.map(async (call) => (await call).response))
  for (const result of settled)
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'ERR_RAFT_PIPELINE_SHUTDOWN' } })
  await expect(pipeline.appendEntries(append(7))).rejects.toThrow(PipelineShutdownError)
  await pipeline.close()
  expect(layerA.dialled[0]!.isClosed).toBe(true)
})

test('when the connection breaks, everything owed fails with the reason', async () => {
  const { a, b, layerA } = world({ maxRPCsInFlight: 3 })
  b.setRPCHandler(() => undefined)
  const pipeline = await a.appendEntriesPipeline(peerB)
  const futures = await Promise.all([1, 2].map(async (index) => pipeline.appendEntries(append(index))))
  await turns()
  layerA.dialled[0]!.cut()
  for (const { response } of futures) {
    await expect(response).rejects.toThrow('the connection to b at b:1 was lost: network is down')
  }
  await expect(pipeline.appendEntries(append(3))).rejects.toMatchObject({ code: 'ERR_RAFT_CONNECTION' })
})

test('each answer has its time from when it is its turn', async () => {
  const { a, b, clock } = world({ maxRPCsInFlight: 3, timeout: 100, maxRequestsAhead: 5 })
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  const pipeline = await a.appendEntriesPipeline(peerB)
  const futures = await Promise.all([1, 2].map(async (index) => pipeline.appendEntries(append(index))))
  await clock.advance(80)
  answerIndex(taken.rpcs[0]!)
  expect(await futures[0]!.response).toEqual(appended(1))
  const second = expect(futures[1]!.response).rejects.toThrow(RPCTimeoutError)
  await clock.advance(99)
  expect((await Promise.race([futures[1]!.response, turns(1)])) as unknown).toBeUndefined()
  await clock.advance(1)
  await second
})

test('an idle pipeline has no deadline, and leaves no timer behind', async () => {
  const { a, b, clock } = world({ timeout: 100 })
  b.setRPCHandler(answerIndex)
  const pipeline = await a.appendEntriesPipeline(peerB)
  await (
    await pipeline.appendEntries(append(1))
  ).response
  await clock.advance(1_000_000)
  await (
    await pipeline.appendEntries(append(2))
  ).response
  await pipeline.close()
  await a.close()
  await b.close()
  expect(clock.timers).toBe(0)
})

test('heartbeats pass a pipeline that stands still', async () => {
  const { a, b } = world({ maxRPCsInFlight: 3 })
  b.setRPCHandler(() => undefined)
  b.setHeartbeatHandler(answer)
  const pipeline = await a.appendEntriesPipeline(peerB)
  for (const index of [1, 2]) await pipeline.appendEntries(append(index))
  await a.appendEntries(peerB, heartbeat)
})

test('a request that cannot be encoded fails alone', async () => {
  const { a, b } = world({ maxRPCsInFlight: 3 })
  b.setRPCHandler(answerIndex)
  const pipeline = await a.appendEntriesPipeline(peerB)
  const bad = await pipeline.appendEntries({ ...append(1), term: 2 ** 53 })
  await expect(bad.response).rejects.toThrow(RangeError)
  expect(await (await pipeline.appendEntries(append(1))).response).toEqual(appended(1))
})
