import { deepEqual, equal, ok } from 'node:assert/strict'
import type { LogStore } from '@raft/core'
import type { InmemStore } from '@raft/store-inmem'
import { describe, test } from 'vitest'
import type { SimulatedClock } from '../../src/index.ts'
import { Bench, bytes, fate } from '../scenarios/bench.ts'

describe('links that carry requests one way only', () => {
  test('a follower that is not reached, but reaches the others, unseats nobody', async () => {
    await using bench = await Bench.start(3)
    const leader = await bench.leader()
    const [deaf, other] = await bench.others()
    const term = leader.raft.currentTerm
    leader.transport.disconnect(deaf!.id)
    other!.transport.disconnect(deaf!.id)
    await bench.clock.advance(5_000)
    equal(leader.raft.state, 'Leader')
    equal(leader.raft.currentTerm, term)
    await bench.apply(leader, 3)
    bench.heal()
    await bench.same(bench.members, 3)
    equal(leader.raft.currentTerm, term)
  })

  test('a leader that is reached, but reaches nobody, is replaced', async () => {
    await using bench = await Bench.start(3)
    const mute = await bench.leader()
    const others = await bench.others()
    const term = mute.raft.currentTerm
    for (const { id } of others) mute.transport.disconnect(id)
    await bench.until(() => others.some(({ raft }) => raft.state === 'Leader'), 'one of the others leads')
    const leader = others.find(({ raft }) => raft.state === 'Leader')!
    await bench.until(() => mute.raft.state === 'Follower', 'the mute one follows')
    await bench.apply(leader, 3)
    // It hears the new leader, and so wants nothing.
    await bench.same(bench.members, 3)
    ok(leader.raft.currentTerm <= term + 2)
    equal(mute.raft.leader?.id, leader.id)
  })
})

/** A log store each of whose writes takes so long. */
function slow(store: InmemStore, clock: SimulatedClock, milliseconds: number): LogStore {
  const later = (write: () => void): Promise<void> =>
    new Promise((resolve) => {
      clock.setTimer(() => {
        write()
        resolve()
      }, milliseconds)
    })
  return {
    capabilities: { contract: 1 },
    firstIndex: () => store.firstIndex(),
    lastIndex: () => store.lastIndex(),
    getLog: (index) => store.getLog(index),
    getLogs: (range) => store.getLogs(range),
    storeLog: (log) => later(() => store.storeLog(log)),
    storeLogs: (logs) => later(() => store.storeLogs(logs)),
    deleteRange: (min, max) => later(() => store.deleteRange(min, max)),
  }
}

test('disks that take 200 ms for each write cost no leader its office, and reads do not wait for them', async () => {
  const config = { heartbeatTimeout: 500, electionTimeout: 500, leaderLeaseTimeout: 500 }
  await using bench = await Bench.start(3, { config })
  const { clock } = bench
  for (const member of bench.members) {
    member.options = { ...member.options, logs: (store) => slow(store, clock, 200) }
    await bench.restart(member)
  }
  const leader = await bench.leader()
  const { currentTerm } = leader.raft
  for (let round = 0; round < 20; round++) {
    const began = clock.now()
    const write = bench.apply(leader, 50).then(() => clock.now() - began)
    const read = leader.raft.read(() => clock.now() - began)
    ok((await bench.settle(read)) < 200)
    ok((await write) >= 200)
  }
  equal(leader.raft.state, 'Leader')
  equal(leader.raft.currentTerm, currentTerm)
  await bench.same(bench.members, 1_000)
})

test('a term near the last there is, from a member, is a term: no crash, and nothing that is acknowledged is lost', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  await bench.apply(leader, 3)
  const [follower] = await bench.others()
  const address = bytes(leader.id)
  const request = {
    header: { protocolVersion: 3, id: address, address },
    candidate: address,
    term: Number.MAX_SAFE_INTEGER - 1_000,
    lastLogIndex: leader.raft.lastIndex,
    lastLogTerm: leader.raft.currentTerm,
    leadershipTransfer: true,
  }
  const answer = await bench.settle(leader.transport.requestVote(follower!.peer, request))
  equal(answer.granted, true)
  const next = await bench.leader()
  ok(next.raft.currentTerm > request.term)
  await bench.apply(next, 1)
  const commands = await bench.same(bench.members, 4)
  // At the end of all terms there is no leader; but no second one in a term either, and no crash.
  const last = { ...request, term: Number.MAX_SAFE_INTEGER }
  for (const { peer } of await bench.others()) await bench.settle(fate(next.transport.requestVote(peer, last)))
  await bench.clock.advance(5_000)
  for (const { raft } of bench.members) {
    deepEqual([raft.state, raft.currentTerm, raft.failure], ['Follower', Number.MAX_SAFE_INTEGER, undefined])
  }
  deepEqual(await bench.same(bench.members, 4), commands)
})
