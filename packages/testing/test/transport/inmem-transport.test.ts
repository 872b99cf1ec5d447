import { deepEqual, equal, match, rejects, throws } from 'node:assert/strict'
import type { AnyRPC, RPC } from '@raft/core'
import { describe, expect, test } from 'vitest'
import { testTransport } from '../../src/conformance/transport.ts'
import { requests, responses } from '../../src/conformance/transport-messages.ts'
import { InmemTransport, newInmemAddress } from '../../src/index.ts'
import { SeededRandom } from '../../src/world/random.ts'
import { SimulatedClock } from '../../src/world/simulated-clock.ts'

describe('conformance', () => {
  testTransport(test, {
    create: ({ timeout }) => {
      const clock = new SimulatedClock()
      const [first, second] = pair({ clock, timeout })
      return { first, second, pass: (duration) => clock.advance(duration) }
    },
  })
})

describe('conformance on the real clock', () => {
  testTransport(test, {
    create: ({ timeout }) => {
      const [first, second] = pair({ timeout })
      return { first, second }
    },
    timeout: 40,
  })
})

describe('InmemTransport', () => {
  const requestVote = requests.requestVote

  test('a route leads one way', async () => {
    const clock = new SimulatedClock()
    const first = new InmemTransport({ address: 'a', clock })
    const second = new InmemTransport({ address: 'b', clock })
    first.connect('b', second)
    second.setRPCHandler(grant)
    first.setRPCHandler(grant)
    equal((await first.requestVote({ id: 'b', address: 'b' }, requestVote)).granted, true)
    await rejects(
      second.requestVote({ id: 'a', address: 'a' }, requestVote),
      /^ConnectionError: failed to connect to peer: a$/,
    )
  })

  test('disconnect closes a route and its pipelines; disconnectAll closes all', async () => {
    const clock = new SimulatedClock()
    const [first, second] = pair({ clock })
    second.setRPCHandler(() => {})
    const peer = { id: 'second', address: second.localAddress }
    const pipeline = first.appendEntriesPipeline(peer)
    const future = await pipeline.appendEntries(requests.appendEntries)
    first.disconnect(second.localAddress)
    await rejects(future.response, { code: 'ERR_RAFT_PIPELINE_SHUTDOWN' })
    await rejects(first.requestVote(peer, requestVote), /failed to connect to peer: second/)
    throws(() => first.appendEntriesPipeline(peer), /failed to connect to peer: second/)
    first.connect(second.localAddress, second)
    first.disconnectAll()
    await rejects(first.requestVote(peer, requestVote), /failed to connect to peer: second/)
  })

  test('sixteen requests wait for a handler; more are not taken', async () => {
    const clock = new SimulatedClock()
    const [first, second] = pair({ clock, timeout: 100 })
    const peer = { id: 'second', address: second.localAddress }
    const errors: string[] = []
    for (let sent = 0; sent < 18; sent++)
      first.requestVote(peer, requestVote).catch((error: Error) => errors.push(error.message))
    await clock.advance(100)
    deepEqual(errors.toSorted(), [...Array<string>(16).fill('command timed out'), 'send timed out', 'send timed out'])
  })

  test('InstallSnapshot and TimeoutNow get ten times the timeout', async () => {
    const clock = new SimulatedClock()
    const [first, second] = pair({ clock, timeout: 100 })
    const peer = { id: 'second', address: second.localAddress }
    second.setRPCHandler(() => {})
    const ends: [string, number][] = []
    const note = (name: string) => (error: Error) => {
      equal(error.message, 'command timed out')
      ends.push([name, clock.now()])
    }
    first.requestVote(peer, requestVote).catch(note('requestVote'))
    first.timeoutNow(peer, requests.timeoutNow).catch(note('timeoutNow'))
    first
      .installSnapshot(peer, { ...requests.installSnapshot, size: 0 }, (async function* () {})())
      .catch(note('installSnapshot'))
    await clock.advance(5_000)
    deepEqual(ends, [
      ['requestVote', 100],
      ['timeoutNow', 1_000],
      ['installSnapshot', 1_000],
    ])
  })

  test('a full pipeline gives up after the timeout', async () => {
    const clock = new SimulatedClock()
    const [first, second] = pair({ clock, timeout: 100 })
    second.setRPCHandler(() => {})
    const pipeline = first.appendEntriesPipeline({ id: 'second', address: second.localAddress })
    for (let sent = 0; sent < 16; sent++) {
      const future = await pipeline.appendEntries(requests.appendEntries)
      future.response.catch(() => {})
      await clock.advance(1)
    }
    // The oldest request is given up first and makes room.
    await clock.run(Promise.resolve(pipeline.appendEntries(requests.appendEntries)))
    equal(clock.now(), 100)
  })

  test('a refusal without a message does not take a pipeline down (Q28)', async () => {
    const clock = new SimulatedClock()
    const [first, second] = pair({ clock })
    const asked: AnyRPC[] = []
    second.setRPCHandler((rpc) => {
      asked.push(rpc)
      if (asked.length === 2) rpc.respond(undefined)
      else rpc.respond(undefined, new Error('operation not supported with current protocol version'))
    })
    const pipeline = first.appendEntriesPipeline({ id: 'second', address: second.localAddress })
    for (let sent = 0; sent < 3; sent++) {
      const future = await pipeline.appendEntries(requests.appendEntries)
      const failing = rejects(future.response, sent === 1 ? /empty response/ : /operation not supported/)
      await clock.run(failing, 1_000)
    }
    equal(asked.length, 3)
  })

  test('connect takes another InmemTransport only', () => {
    throws(() => new InmemTransport().connect('x', {} as InmemTransport), TypeError)
  })
})

describe('newInmemAddress', () => {
  test('has the shape of a UUID and comes from the source of chance', () => {
    match(newInmemAddress(), /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
    equal(newInmemAddress(new SeededRandom(1).next), newInmemAddress(new SeededRandom(1).next))
    expect(newInmemAddress(new SeededRandom(2).next)).not.toBe(newInmemAddress(new SeededRandom(1).next))
  })
})

function pair(options: { clock?: SimulatedClock; timeout?: number }): [InmemTransport, InmemTransport] {
  const first = new InmemTransport({ ...options, address: 'first' })
  const second = new InmemTransport({ ...options, address: 'second' })
  first.connect('second', second)
  second.connect('first', first)
  return [first, second]
}

function grant(rpc: AnyRPC): void {
  ;(rpc as RPC<'requestVote'>).respond(responses.requestVote)
}
