import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import type { AnyRPC, RPC } from '@raft/core'
import { describe, test } from 'vitest'
import { testTransport } from '../../src/conformance/index.ts'
import { heartbeat, requests, responses } from '../../src/conformance/transport-messages.ts'
import { SeededRandom, SimulatedClock } from '../../src/index.ts'
import { calmNetwork, type NetworkConditions } from '../../src/world/network-conditions.ts'
import { SimulatedNetwork } from '../../src/world/simulated-network.ts'
import { SimulatedProcess } from '../../src/world/simulated-process.ts'
import { Trace } from '../../src/world/trace.ts'

function world(options: { conditions?: NetworkConditions; encoded?: boolean; timeout?: number; seed?: number } = {}) {
  const clock = new SimulatedClock()
  const trace = new Trace()
  const random = new SeededRandom(options.seed ?? 1)
  const { conditions, encoded } = options
  const network = new SimulatedNetwork({ clock, random, conditions, encoded, trace })
  const processes = ['a', 'b'].map((name) => new SimulatedProcess({ name, clock }))
  const [first, second] = processes.map((process) =>
    network.open({ process, address: process.name, timeout: options.timeout ?? 300 }),
  )
  return { clock, trace, network, first: first!, second: second!, processes, peer: { id: 'b', address: 'b' } }
}

for (const encoded of [false, true]) {
  describe(encoded ? 'conformance, as bytes' : 'conformance', () => {
    testTransport(test, {
      create: ({ timeout }) => {
        const { clock, first, second } = world({ encoded, timeout })
        return { first, second, pass: (duration) => clock.advance(duration) }
      },
    })
  })
}

describe('faults', () => {
  test('a cut leads one way, and heals', async () => {
    const { clock, network, first, second, peer } = world()
    second.setRPCHandler(grant)
    first.setRPCHandler(grant)
    network.links.cut('a', 'b')
    await rejects(clock.run(first.requestVote(peer, requests.requestVote)), { code: 'ERR_RAFT_TIMEOUT' })
    // The other way a request arrives, and its answer does not.
    await rejects(clock.run(second.requestVote({ id: 'a', address: 'a' }, requests.requestVote)), /timed out/)
    network.links.mend('a', 'b')
    equal((await clock.run(first.requestVote(peer, requests.requestVote))).granted, true)
  })

  test('a clog holds everything back and lets it through at once', async () => {
    const { clock, network, first, second, peer } = world({ timeout: 10_000 })
    const times: number[] = []
    second.setRPCHandler((rpc) => {
      times.push(clock.now())
      grant(rpc)
    })
    network.links.clog('a', 'b', 1_000)
    const calls = [1, 2, 3].map(() => first.requestVote(peer, requests.requestVote))
    await clock.run(Promise.all(calls))
    ok(
      times.every((time) => time >= 1_000 && time < 1_010),
      times.join(' '),
    )
  })

  test('messages are lost and repeated as often as asked', async () => {
    const { clock, network, first, second, peer } = world({
      conditions: { ...calmNetwork, loss: 0.2, duplication: 0.2 },
    })
    let received = 0
    second.setRPCHandler((rpc) => {
      received += 1
      grant(rpc)
    })
    const ends = Array.from({ length: 500 }, () =>
      first.requestVote(peer, requests.requestVote).then(
        () => 'ok',
        () => 'lost',
      ),
    )
    const lost = (await clock.run(Promise.all(ends))).filter((end) => end === 'lost').length
    ok(lost > 120 && lost < 240, `${lost} of 500 had no answer`)
    ok(network.counts.repeated > 60 && network.counts.repeated < 140, `${network.counts.repeated} repeated`)
    ok(received > 400, `${received} received`)
  })

  test('requests overtake each other, but not in a pipeline', async () => {
    const { clock, first, second, peer } = world({ conditions: { ...calmNetwork, meanDelay: 20 }, timeout: 10_000 })
    const terms: number[] = []
    second.setRPCHandler((rpc) => {
      const { command, respond } = rpc as RPC<'appendEntries'>
      terms.push(command.term)
      respond({ ...responses.appendEntries, term: command.term })
    })
    const sorted = Array.from({ length: 30 }, (_, at) => at + 1)
    await clock.run(Promise.all(sorted.map((term) => first.appendEntries(peer, { ...heartbeat, term }))))
    match(String(terms.toString() !== sorted.toString()), /true/)
    terms.length = 0
    const pipeline = first.appendEntriesPipeline(peer)
    const futures = sorted.map(async (term) => (await pipeline.appendEntries({ ...heartbeat, term })).response)
    const answers = await clock.run(Promise.all(futures))
    deepEqual(terms, sorted)
    deepEqual(
      answers.map(({ term }) => term),
      sorted,
    )
  })

  test('who asks a process that dies is told, who asks nobody is refused, and the dead hear nothing', async () => {
    const { clock, first, second, processes, peer } = world({ timeout: 10_000 })
    second.setRPCHandler(() => {})
    const call = first.requestVote(peer, requests.requestVote)
    call.catch(() => {})
    await clock.advance(100)
    processes[1]!.kill()
    await rejects(clock.run(call), /connection reset by peer/)
    await rejects(clock.run(first.requestVote(peer, requests.requestVote)), /connection refused/)
    let settled = false
    second.requestVote({ id: 'a', address: 'a' }, requests.requestVote).then(
      () => (settled = true),
      () => (settled = true),
    )
    await clock.advance(100_000)
    equal(settled, false)
  })

  test('a paused process answers once it goes on', async () => {
    const { clock, first, second, processes, peer } = world({ timeout: 10_000 })
    second.setRPCHandler(grant)
    processes[1]!.pause()
    const call = first.requestVote(peer, requests.requestVote)
    await clock.advance(1_000)
    processes[1]!.resume()
    equal((await clock.run(call)).granted, true)
    ok(clock.now() >= 1_000)
  })

  test('the same seed is the same run, and another one another', async () => {
    const run = async (seed: number): Promise<string> => {
      const { clock, trace, first, second, peer } = world({ seed, conditions: { ...calmNetwork, loss: 0.1 } })
      second.setRPCHandler(grant)
      const calls = Array.from({ length: 50 }, () => first.requestVote(peer, requests.requestVote).catch(() => {}))
      await clock.run(Promise.all(calls))
      return trace.hash
    }
    equal(await run(1), await run(1))
    ok((await run(1)) !== (await run(2)))
  })
})

function grant(rpc: AnyRPC): void {
  ;(rpc as RPC<'requestVote'>).respond(responses.requestVote)
}
