import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict'
import { type AppendEntriesRequest, LogCache, LogType, StoreError } from '@raft/core'
import { InmemStore } from '@raft/store-inmem'
import { describe, test } from 'vitest'
import { MockMonotonicLogStore } from '../../src/index.ts'
import { Bench, bytes, fate } from './bench.ts'

test('a follower that was away for a hundred commands catches up; it has heard its leader since', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  const [follower] = await bench.others()
  bench.cut(follower!)
  await bench.apply(leader, 100)
  bench.heal()
  await bench.same(bench.members, 100)
  ok(follower!.raft.lastContact !== undefined)
  equal((await bench.leader()).id, leader.id)
})

test('a follower takes no command, and says the same whenever its answer is looked at', async () => {
  await using bench = await Bench.start(3)
  await bench.leader()
  const [follower] = await bench.others()
  const call = follower!.raft.apply(bytes('x'))
  for (let look = 0; look < 2; look++) await rejects(call, { code: 'ERR_RAFT_NOT_LEADER', outcome: 'rejected' })
})

test('a hundred commands at once all succeed, in one order on every server', async () => {
  await using bench = await Bench.start(3)
  const indexes = await bench.apply(await bench.leader(), 100)
  equal(new Set(indexes).size, 100)
  await bench.same(bench.members, 100)
})

test('with far too many commands for a tiny timeout, some are refused by that timeout and never happen', async () => {
  await using bench = await Bench.start(3, { config: { maxPendingBytes: 64 } })
  const leader = await bench.leader()
  const others = await bench.others()
  bench.cut(...others)
  const calls = Array.from({ length: 500 }, (_, at) => fate(leader.raft.apply(bytes(`command ${at}`), { timeout: 1 })))
  await bench.clock.advance(5)
  bench.heal()
  const ends = await bench.settle(Promise.all(calls))
  const refused = ends.filter((end) => end === 'ERR_RAFT_ENQUEUE_TIMEOUT').length
  ok(refused > 400)
  deepEqual(new Set(ends), new Set(['resolved', 'ERR_RAFT_ENQUEUE_TIMEOUT']))
  await bench.same(bench.members, 500 - refused)
})

describe('entries of a newer leader are taken', () => {
  for (const named of ['in the header', 'in the old field only'] as const) {
    test(`whose address is ${named}`, async () => {
      await using bench = await Bench.start(3)
      const leader = await bench.leader()
      const [follower] = await bench.others()
      const address = bytes(leader.id)
      const term = follower!.raft.currentTerm + 1
      const entry = { index: 1, term: 1, type: LogType.Configuration, data: leader.store.getLog(1).data }
      const header = named === 'in the header' ? { protocolVersion: 3, id: address, address } : { protocolVersion: 3 }
      const request: AppendEntriesRequest = {
        header,
        leader: address,
        term,
        prevLogEntry: 0,
        prevLogTerm: 0,
        entries: [entry],
        leaderCommitIndex: 0,
      }
      const response = await bench.settle(leader.transport.appendEntries(follower!.peer, request))
      equal(response.success, true)
      equal(response.term, term)
    })
  }
})

test('a barrier ends once every command before it is applied', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  const calls = Array.from({ length: 100 }, (_, at) => leader.raft.apply(bytes(`command ${at}`)))
  await bench.settle(leader.raft.barrier())
  equal(leader.commands.length, 100)
  await bench.settle(Promise.all(calls))
})

test('a log cache says whether the store that it wraps holds no gaps', () => {
  const store = new InmemStore()
  equal(new LogCache(16, store).capabilities.monotonic ?? false, false)
  equal(new LogCache(16, new MockMonotonicLogStore(store)).capabilities.monotonic, true)
})

test('after a write that failed under a cache the server restarts on what its store holds', async () => {
  let fails = false
  let cache: LogCache | undefined
  const logs = (store: InmemStore) =>
    (cache = new LogCache(16, {
      capabilities: { contract: 1 },
      firstIndex: () => store.firstIndex(),
      lastIndex: () => store.lastIndex(),
      getLog: (index) => store.getLog(index),
      getLogs: (range) => store.getLogs(range),
      storeLog: (log) => store.storeLog(log),
      storeLogs: (entries) => {
        if (fails) throw new StoreError('the disk is full')
        store.storeLogs(entries)
      },
      deleteRange: (min, max) => store.deleteRange(min, max),
    }))
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  const [follower] = await bench.others()
  await bench.stop(follower!)
  follower!.options = { ...follower!.options, logs }
  await bench.launch(follower!)
  await bench.apply(leader, 5)
  await bench.same(bench.members, 5)
  fails = true
  await bench.apply(leader, 5)
  await bench.until(() => follower!.raft.state === 'Shutdown', 'it stops itself')
  ok(follower!.raft.failure !== undefined)
  throws(() => cache!.getLog(follower!.store.lastIndex() + 1), { code: 'ERR_RAFT_LOG_NOT_FOUND' })
  fails = false
  await bench.restart(follower!)
  deepEqual(await bench.same(bench.members, 10), leader.commands)
})
