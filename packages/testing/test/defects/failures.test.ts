import { equal, match, ok, rejects } from 'node:assert/strict'
import { type AppendEntriesRequest, type LogStore, LogType, StoreError } from '@raft/core'
import type { InmemStore } from '@raft/store-inmem'
import { describe, test } from 'vitest'
import { Bench, bytes, type Member } from '../scenarios/bench.ts'

/** A log store whose entries can no longer be read once `damage.isThere`. */
function damaged(store: InmemStore, damage: { isThere: boolean }): LogStore {
  return {
    capabilities: { contract: 1 },
    firstIndex: () => store.firstIndex(),
    lastIndex: () => store.lastIndex(),
    getLog: (index) => store.getLog(index),
    getLogs: (range) => {
      if (damage.isThere) throw new StoreError(`entry ${range.from} cannot be read: input/output error`)
      return store.getLogs(range)
    },
    storeLog: (log) => store.storeLog(log),
    storeLogs: (logs) => store.storeLogs(logs),
    deleteRange: (min, max) => store.deleteRange(min, max),
  }
}

describe('a failure stops the node that has it, and nothing else (Q27)', () => {
  test('a log that can no longer be read', async () => {
    await using bench = await Bench.start(3)
    const leader = await bench.leader()
    await bench.apply(leader, 5)
    await bench.same(bench.members, 5)
    const [follower] = await bench.others()
    await bench.stop(follower!)
    const damage = { isThere: false }
    follower!.options = { ...follower!.options, logs: (store) => damaged(store, damage) }
    await bench.launch(follower!)
    damage.isThere = true
    await bench.until(() => follower!.raft.state === 'Shutdown', 'it stops itself')
    ok(follower!.raft.failure instanceof StoreError)
    match(follower!.raft.failure.message, /entry 1 cannot be read: input\/output error/)
    await rejects(follower!.raft.barrier(), { code: 'ERR_RAFT_SHUTDOWN', cause: follower!.raft.failure })
    await bench.apply(leader, 1)
  })

  test.each([
    ['that are none', bytes('\u00ff')],
    ['that are cut off', bytes('\u0081\u00a7Servers\u0091')],
    ['of nobody at all', new Uint8Array(0)],
  ])('a configuration of bytes %s is refused, and the node goes on', async (_, data) => {
    await using bench = await Bench.start(3)
    const leader = await bench.leader()
    const [follower] = await bench.others()
    await bench.apply(leader, 1)
    await bench.same()
    const before = follower!.raft.lastIndex
    const asked = leader.transport.appendEntries(follower!.peer, lie(leader, follower!, data))
    await rejects(bench.settle(asked), { code: 'ERR_RAFT_REMOTE', message: /failed to decode peers/ })
    equal(follower!.raft.lastIndex, before)
    equal(follower!.raft.failure, undefined)
    await bench.apply(leader, 1)
    await bench.same(bench.members, 2)
  })
})

/** An entry in the leader's name whose configuration is these bytes. */
function lie(leader: Member, { raft, store }: Member, data: Uint8Array): AppendEntriesRequest {
  const address = bytes(leader.id)
  const { lastIndex, currentTerm: term } = raft
  return {
    header: { protocolVersion: 3, id: address, address },
    leader: address,
    term,
    prevLogEntry: lastIndex,
    prevLogTerm: store.getLog(lastIndex).term,
    entries: [{ index: lastIndex + 1, term, type: LogType.Configuration, data }],
    leaderCommitIndex: 0,
  }
}
