import assert from 'node:assert/strict'
import { isRaftError, type RPC } from '@raft/core'
import { assertSame, type TransportCase, type TransportFixture, without } from './transport-fixture.ts'
import { requests, responses } from './transport-messages.ts'

/** Peers that are slow, gone, or closed. */
export const failureCases: readonly TransportCase[] = [
  {
    name: 'a request without an answer is given up after the timeout, and later ones are answered',
    run: async (fixture) => {
      const kept: RPC<'requestVote'>[] = []
      fixture.answer((rpc) => kept.push(rpc as RPC<'requestVote'>))
      const call = fixture.call('requestVote', requests.requestVote)
      const early = await outcome(fixture, call, fixture.timeout / 2)
      assert.equal(early, undefined, 'nothing is decided before the timeout')
      const error = await fixture.failure(call, 'the request')
      assert.ok(isRaftError(error, 'ERR_RAFT_TIMEOUT'), `an RPCTimeoutError, not ${error.name}: ${error.message}`)
      kept[0]?.respond({ ...responses.requestVote, term: 1 })
      fixture.answerWith(responses.requestVote)
      const answer = await fixture.settle(fixture.call('requestVote', requests.requestVote), 'it is answered')
      assertSame(answer, responses.requestVote, 'the late answer is not taken for that of a later request')
    },
  },
  {
    name: 'a peer that does not exist is an error in good time',
    run: async (fixture) => {
      // Port 1 of the loopback address: nothing listens there, and to a transport in memory it is a name like any other.
      const peer = { id: 'nobody', address: '127.0.0.1:1' }
      const error = await fixture.failure(fixture.first.requestVote(peer, requests.requestVote), 'the request')
      const expected = isRaftError(error, 'ERR_RAFT_CONNECTION') || isRaftError(error, 'ERR_RAFT_TIMEOUT')
      assert.ok(expected, `a ConnectionError or RPCTimeoutError, not ${error.name}: ${error.message}`)
    },
  },
  {
    name: 'close rejects the requests under way',
    exempt: without.close,
    run: async (fixture) => {
      fixture.answer(() => {})
      const calls = [fixture.call('requestVote', requests.requestVote), fixture.call('timeoutNow', requests.timeoutNow)]
      for (const call of calls) call.catch(() => {})
      await fixture.until(() => fixture.received.length === 2, 'the requests arrive')
      await fixture.first.close!()
      for (const call of calls) await rejectsAtOnce(fixture, call)
    },
  },
  {
    name: 'closing a peer rejects the requests that it has not answered',
    exempt: without.close,
    run: async (fixture) => {
      fixture.answer(() => {})
      const call = fixture.call('timeoutNow', requests.timeoutNow)
      call.catch(() => {})
      await fixture.until(() => fixture.received.length === 1, 'the request arrives')
      await fixture.second.close!()
      await fixture.failure(call, 'the request')
    },
  },
  {
    name: 'after close every call is refused',
    exempt: without.close,
    run: async (fixture) => {
      fixture.answerWith(responses.requestVote)
      await fixture.settle(fixture.call('requestVote', requests.requestVote), 'it is answered')
      await fixture.first.close!()
      const error = await fixture.failure(fixture.call('requestVote', requests.requestVote), 'a request')
      assert.ok(isRaftError(error, 'ERR_RAFT_TRANSPORT_SHUTDOWN'), `a TransportShutdownError, not ${error.message}`)
      assert.equal(fixture.received.length, 1, 'nothing was sent')
    },
  },
  {
    name: 'close can be called twice, also at the same time',
    exempt: without.close,
    run: async (fixture) => {
      await Promise.all([fixture.first.close!(), fixture.first.close!()])
      await fixture.first.close!()
    },
  },
  {
    name: 'an answer after close does no harm',
    exempt: without.close,
    run: async (fixture) => {
      fixture.answer(() => {})
      const call = fixture.call('requestVote', requests.requestVote)
      call.catch(() => {})
      await fixture.until(() => fixture.received.length === 1, 'the request arrives')
      await fixture.second.close!()
      const rpc = fixture.received[0] as RPC<'requestVote'>
      rpc.respond(responses.requestVote)
      await outcome(fixture, call, fixture.timeout)
    },
  },
]

/** How the promise ended, if it did within the time. */
async function outcome(
  fixture: TransportFixture,
  promise: Promise<unknown>,
  duration: number,
): Promise<string | undefined> {
  let ended: string | undefined
  promise.then(
    () => (ended = 'resolved'),
    () => (ended = 'rejected'),
  )
  await fixture.pass(duration)
  return ended
}

async function rejectsAtOnce(fixture: TransportFixture, call: Promise<unknown>): Promise<void> {
  assert.equal(
    await outcome(fixture, call, fixture.timeout / 2),
    'rejected',
    'a request under way is rejected by close',
  )
}
