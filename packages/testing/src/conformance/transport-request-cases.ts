import assert from 'node:assert/strict'
import { type AnyRPC, isRaftError, type RPC, type RPCName } from '@raft/core'
import { assertSame, type TransportCase, type TransportFixture, without } from './transport-fixture.ts'
import { entry, heartbeat, header, requests, responses } from './transport-messages.ts'

/** Requests and answers, one by one. */
export const requestCases: readonly TransportCase[] = [
  ...(['appendEntries', 'requestVote', 'timeoutNow'] as const).map((type) => roundTrip(type)),
  { ...roundTrip('requestPreVote'), exempt: without.preVote },
  {
    name: 'a heartbeat arrives without entries, which is not the same as an empty list',
    run: async (fixture) => {
      fixture.answerWith(responses.appendEntries)
      await fixture.settle(fixture.call('appendEntries', heartbeat), 'the heartbeat is answered')
      await fixture.settle(fixture.call('appendEntries', { ...heartbeat, entries: [] }), 'the request is answered')
      const [first, second] = fixture.received as RPC<'appendEntries'>[]
      assert.equal(first?.command.entries, undefined)
      assert.deepEqual(second?.command.entries, [])
    },
  },
  {
    name: 'a large request arrives whole',
    run: async (fixture) => {
      const entries = Array.from({ length: 64 }, (_, at) => entry(101 + at, new Uint8Array(8_192).fill(at)))
      fixture.answerWith(responses.appendEntries)
      const request = { ...requests.appendEntries, entries }
      await fixture.settle(fixture.call('appendEntries', request), 'the request is answered')
      assertSame(fixture.received[0]?.command, request)
    },
  },
  {
    name: 'requests under way at the same time get their own answers',
    run: async (fixture) => {
      fixture.answer((rpc) => {
        const { respond, command } = rpc as RPC<'requestVote'>
        queueMicrotask(() => respond({ ...responses.requestVote, term: command.term }))
      })
      const terms = Array.from({ length: 40 }, (_, at) => 1 + at)
      const calls = terms.map((term) => fixture.call('requestVote', { ...requests.requestVote, term }))
      const answers = await fixture.settle(Promise.all(calls), 'all requests are answered')
      assert.deepEqual(
        answers.map((answer) => answer.term),
        terms,
      )
    },
  },
  {
    name: 'requests go both ways at once',
    run: async (fixture) => {
      fixture.answerWith(responses.requestVote)
      fixture.first.setRPCHandler((rpc) => (rpc as RPC<'timeoutNow'>).respond(responses.timeoutNow))
      const there = fixture.call('requestVote', requests.requestVote)
      const peer = { id: 'first', address: fixture.first.localAddress }
      const back = fixture.second.timeoutNow(peer, requests.timeoutNow)
      const [one, other] = await fixture.settle(Promise.all([there, back]), 'both are answered')
      assertSame(one, responses.requestVote)
      assertSame(other, responses.timeoutNow)
    },
  },
  {
    name: 'a request that comes before there is a handler waits for it',
    run: async (fixture) => {
      const call = fixture.call('requestVote', requests.requestVote)
      await fixture.pass(fixture.timeout / 4)
      fixture.answerWith(responses.requestVote)
      assertSame(await fixture.settle(call, 'the request is answered'), responses.requestVote)
    },
  },
  {
    name: 'heartbeats, and nothing else, go to the heartbeat handler if there is one',
    run: async (fixture) => {
      const beats: RPC<'appendEntries'>[] = []
      fixture.answerWith(responses.appendEntries)
      fixture.second.setHeartbeatHandler((rpc) => {
        beats.push(rpc)
        rpc.respond(responses.appendEntries)
      })
      await fixture.settle(fixture.call('appendEntries', heartbeat), 'the heartbeat is answered')
      await fixture.settle(fixture.call('appendEntries', requests.appendEntries), 'the request is answered')
      const idle = { ...heartbeat, leaderCommitIndex: 5 }
      await fixture.settle(fixture.call('appendEntries', idle), 'the request is answered')
      assert.deepEqual([beats.length, fixture.received.length], [1, 2])
      fixture.second.setHeartbeatHandler(undefined)
      await fixture.settle(fixture.call('appendEntries', heartbeat), 'the heartbeat is answered')
      assert.deepEqual([beats.length, fixture.received.length], [1, 3])
    },
  },
  {
    name: 'addresses survive being encoded',
    run: async (fixture) => {
      const bytes = fixture.first.encodePeer(fixture.peer)
      assert.equal(fixture.first.decodePeer(bytes), fixture.peer.address)
    },
  },
  ...(['without a message', 'beside a message'] as const).map((how) => refusal(how)),
  {
    name: 'a second answer to a request is ignored',
    run: async (fixture) => {
      fixture.answer((rpc) => {
        const { respond } = rpc as RPC<'requestVote'>
        respond(responses.requestVote)
        respond(undefined, new Error('too late'))
      })
      for (let round = 0; round < 3; round++) {
        const answer = await fixture.settle(fixture.call('requestVote', requests.requestVote), 'it is answered')
        assertSame(answer, responses.requestVote)
      }
    },
  },
]

function roundTrip(type: Exclude<RPCName, 'installSnapshot'>): TransportCase {
  return {
    name: `${type} and its answer arrive unchanged`,
    run: async (fixture) => {
      fixture.answerWith(responses[type])
      const answer = await fixture.settle(fixture.call(type, requests[type]), `${type} is answered`)
      assertSame(answer, responses[type])
      assert.equal(fixture.received.length, 1)
      assert.equal(fixture.received[0]?.type, type)
      assertSame(fixture.received[0]?.command, requests[type])
    },
  }
}

function refusal(how: 'without a message' | 'beside a message'): TransportCase {
  return {
    name: `an error ${how} rejects with its text, and the next request is answered`,
    run: async (fixture) => {
      let refuse = true
      fixture.answer((rpc: AnyRPC) => {
        const { respond } = rpc as RPC<'requestVote'>
        if (refuse) respond(how === 'beside a message' ? responses.requestVote : undefined, new Error('100% wrong'))
        else respond(responses.requestVote)
      })
      await expectRefusal(fixture)
      refuse = false
      const answer = await fixture.settle(fixture.call('requestVote', requests.requestVote), 'it is answered')
      assertSame(answer, responses.requestVote)
    },
  }
}

async function expectRefusal(fixture: TransportFixture): Promise<void> {
  const error = await fixture.failure(fixture.call('requestVote', { ...requests.requestVote, header }), 'the request')
  assert.ok(isRaftError(error, 'ERR_RAFT_REMOTE'), `a RemoteError, not ${error.name}: ${error.message}`)
  assert.equal(error.message, '100% wrong')
}
