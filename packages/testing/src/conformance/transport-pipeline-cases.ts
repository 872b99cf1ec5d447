import assert from 'node:assert/strict'
import { type AnyRPC, type AppendFuture, type AppendPipeline, isRaftError, type RPC } from '@raft/core'
import { assertSame, type TransportCase, type TransportFixture, without } from './transport-fixture.ts'
import { requests, responses } from './transport-messages.ts'

/** Requests sent ahead of their answers. */
export const pipelineCases: readonly TransportCase[] = [
  {
    name: 'a pipeline hands requests and answers on in order',
    exempt: without.pipeline,
    run: async (fixture) => {
      // Answers that are given late now and then, so that they could overtake each other.
      fixture.answer((rpc) => respondLater(rpc, (termOf(rpc) * 7) % 4))
      const pipeline = await open(fixture)
      const order: number[] = []
      const futures: AppendFuture[] = []
      for (let term = 1; term <= 60; term++) {
        const future = await fixture.settle(pipeline.appendEntries(request(term)), 'the request is taken')
        void future.response.then((response) => order.push(response.term))
        futures.push(future)
      }
      const answers = await fixture.settle(Promise.all(futures.map((future) => future.response)), 'all are answered')
      const terms = Array.from({ length: 60 }, (_, at) => at + 1)
      assert.deepEqual(fixture.received.map(termOf), terms, 'requests arrive in order')
      assert.deepEqual(
        answers.map((answer) => answer.term),
        terms,
      )
      assert.deepEqual(order, terms, 'answers come in order')
      assertSame(fixture.received[4]?.command, request(5))
      assert.equal(futures[4]?.request.term, 5)
      for (let at = 1; at < futures.length; at++) assert.ok(futures[at]!.started >= futures[at - 1]!.started)
    },
  },
  {
    name: 'a full pipeline takes nothing more until answers come',
    exempt: without.pipeline,
    run: async (fixture) => {
      const held: AnyRPC[] = []
      let hold = true
      fixture.answer((rpc) => (hold ? held.push(rpc) : respond(rpc)))
      const pipeline = await open(fixture)
      const taken: AppendFuture[] = []
      const waiting = fill(pipeline, taken)
      await fixture.pass(fixture.timeout / 4)
      const limit = taken.length
      assert.ok(limit >= 1, 'at least one request is taken')
      assert.ok(limit < REQUESTS, 'a peer that does not answer stops the sender')
      hold = false
      for (let rpc = held.shift(); rpc !== undefined; rpc = held.shift()) respond(rpc)
      await fixture.settle(waiting, 'the rest is taken')
      await fixture.settle(Promise.all(taken.map((future) => future.response)), 'all are answered')
      assert.equal(taken.length, REQUESTS)
    },
  },
  {
    name: 'an error in a pipeline rejects its own answer with the text',
    exempt: without.pipeline,
    run: async (fixture) => {
      fixture.answer((rpc) => (termOf(rpc) === 2 ? rpc.respond(undefined, new Error('no')) : respond(rpc)))
      const pipeline = await open(fixture)
      const first = await fixture.settle(pipeline.appendEntries(request(1)), 'the request is taken')
      const second = await fixture.settle(pipeline.appendEntries(request(2)), 'the request is taken')
      assert.equal((await fixture.settle(first.response, 'it is answered')).term, 1)
      const error = await fixture.failure(second.response, 'the second answer')
      assert.ok(isRaftError(error, 'ERR_RAFT_REMOTE'), `a RemoteError, not ${error.name}: ${error.message}`)
      assert.equal(error.message, 'no')
    },
  },
  {
    name: 'an answer that does not come is given up after the timeout',
    exempt: without.pipeline,
    run: async (fixture) => {
      fixture.answer(() => {})
      const pipeline = await open(fixture)
      const future = await fixture.settle(pipeline.appendEntries(request(1)), 'the request is taken')
      const error = await fixture.failure(future.response, 'the answer')
      assert.ok(isRaftError(error, 'ERR_RAFT_TIMEOUT'), `an RPCTimeoutError, not ${error.name}: ${error.message}`)
    },
  },
  {
    name: 'closing a pipeline rejects the answers that are owed, and refuses new requests',
    exempt: without.pipeline,
    run: async (fixture) => {
      fixture.answer(() => {})
      const pipeline = await open(fixture)
      const future = await fixture.settle(pipeline.appendEntries(request(1)), 'the request is taken')
      await pipeline.close()
      await fixture.failure(future.response, 'the answer that is owed')
      const error = await fixture.failure(pipeline.appendEntries(request(2)), 'a request')
      assert.ok(isRaftError(error, 'ERR_RAFT_PIPELINE_SHUTDOWN'), `a PipelineShutdownError, not ${error.message}`)
      await pipeline.close()
    },
  },
  {
    name: 'closing the transport ends its pipelines',
    exempt: without.pipeline,
    run: async (fixture) => {
      if (fixture.first.close === undefined) return
      fixture.answer(() => {})
      const pipeline = await open(fixture)
      const future = await fixture.settle(pipeline.appendEntries(request(1)), 'the request is taken')
      await fixture.first.close()
      await fixture.failure(future.response, 'the answer that is owed')
      await fixture.failure(pipeline.appendEntries(request(2)), 'a request')
      const refused = new Promise((_, reject) => {
        Promise.resolve()
          .then(() => fixture.first.appendEntriesPipeline(fixture.peer))
          .then(() => {}, reject)
      })
      await fixture.failure(refused, 'a new pipeline')
    },
  },
  {
    name: 'single requests go through beside a pipeline that waits',
    exempt: without.pipeline,
    run: async (fixture) => {
      fixture.answer((rpc) => {
        if (rpc.type === 'requestVote') rpc.respond(responses.requestVote)
      })
      const pipeline = await open(fixture)
      await fixture.settle(pipeline.appendEntries(request(1)), 'the request is taken')
      const answer = await fixture.settle(fixture.call('requestVote', requests.requestVote), 'it is answered')
      assertSame(answer, responses.requestVote)
    },
  },
]

/** More than any pipeline keeps under way. */
const REQUESTS = 1_000

function request(term: number): RPC<'appendEntries'>['command'] {
  return { ...requests.appendEntries, term }
}

function termOf(rpc: AnyRPC): number {
  return (rpc as RPC<'appendEntries'>).command.term
}

function respond(rpc: AnyRPC): void {
  ;(rpc as RPC<'appendEntries'>).respond({ ...responses.appendEntries, term: termOf(rpc) })
}

function respondLater(rpc: AnyRPC, turns: number): void {
  if (turns === 0) respond(rpc)
  else queueMicrotask(() => respondLater(rpc, turns - 1))
}

async function open(fixture: TransportFixture): Promise<AppendPipeline> {
  return await fixture.settle(fixture.first.appendEntriesPipeline(fixture.peer), 'the pipeline opens')
}

async function fill(pipeline: AppendPipeline, taken: AppendFuture[]): Promise<void> {
  for (let term = 1; term <= REQUESTS; term++) {
    const future = await pipeline.appendEntries(request(term))
    future.response.catch(() => {})
    taken.push(future)
  }
}
