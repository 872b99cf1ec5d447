import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { type InstallSnapshotRequest, type Logger, recoverCluster } from '@raft/core'
import { describe, test } from 'vitest'
import { MockFSM, MockMonotonicLogStore } from '../../src/index.ts'
import { Bench, bytes, fate, type Member } from './bench.ts'

const TRAILING = 10

/** A single node with a hundred commands and a snapshot of them. */
async function snapshotted(monotonic: boolean, logger?: Logger): Promise<{ bench: Bench; member: Member }> {
  const logs = monotonic ? { logs: (store: Member['store']) => new MockMonotonicLogStore(store) } : {}
  const bench = await Bench.start(1, { config: { trailingLogs: TRAILING }, ...logs, ...(logger && { logger }) })
  const member = await bench.leader()
  await bench.apply(member, 100)
  await bench.settle(member.raft.snapshot())
  await bench.until(() => member.store.firstIndex() > 1, 'the log is compacted')
  return { bench, member }
}

describe('a snapshot, and a restart', () => {
  for (const monotonic of [false, true]) {
    test(`the log keeps ${TRAILING} entries before the end, and the restart has it all${monotonic ? ', in a store without gaps' : ''}`, async () => {
      const { bench, member } = await snapshotted(monotonic)
      const [meta] = member.snapshots.list()
      const first = member.store.firstIndex()
      const last = member.store.lastIndex()
      equal(first, meta!.index - TRAILING + 1)
      await bench.stop(member)
      await bench.launch(member)
      equal(member.raft.appliedIndex, meta!.index)
      equal(member.commands.length, 100)
      deepEqual([member.store.firstIndex(), member.store.lastIndex()], [first, last])
      await bench[Symbol.asyncDispose]()
    })
  }

  test('restoring is logged, with how much of the snapshot was read', async () => {
    const lines: string[] = []
    const take = (_facts: unknown, message?: string): void => void lines.push(`${message} ${JSON.stringify(_facts)}`)
    const logger = { debug: take, info: take, warn: take, error: take } as unknown as Logger
    const { bench, member } = await snapshotted(false)
    await bench.stop(member)
    await bench.launch(member, {}, logger)
    ok(
      lines.some((line) => /snapshot/i.test(line) && /restor/i.test(line)),
      lines.join('\n'),
    )
    await bench[Symbol.asyncDispose]()
  })

  test('a state machine that keeps its own state is not restored', async () => {
    const { bench, member } = await snapshotted(false)
    await bench.restart(member, { noSnapshotRestoreOnStart: true })
    await bench.leader()
    equal(member.commands.length, 0)
    await bench[Symbol.asyncDispose]()
  })
})

test('the data of a former leader is recovered for itself and two fresh servers, at protocol version 1', async () => {
  await using bench = await Bench.start(3, { config: { protocolVersion: 1, trailingLogs: TRAILING } })
  const old = await bench.leader()
  await bench.apply(old, 100)
  await bench.settle(old.raft.snapshot())
  const before = old.raft.lastIndex
  for (const member of bench.members) await bench.stop(member)
  const names = [old.id, 'x', 'y']
  const servers = names.map((id) => ({ suffrage: 'Voter' as const, id, address: id }))
  await recoverCluster({ ...bench.partsOf(old), fsm: new MockFSM(), configuration: { servers } })
  await bench.launch(old)
  const fresh = [
    await bench.join('x', { config: { protocolVersion: 1 } }),
    await bench.join('y', { config: { protocolVersion: 1 } }),
  ]
  await bench.until(() => old.raft.state === 'Leader' || fresh.some(({ raft }) => raft.state === 'Leader'), 'one leads')
  await bench.same([old, ...fresh], 100)
  equal(await bench.samePeers([old, ...fresh]), `${old.id}:Voter x:Voter y:Voter`)
  await bench.until(() => fresh.every(({ raft }) => raft.appliedIndex > before), 'all have what the new leader wrote')
})

test('a snapshot is taken by itself once enough has been logged', async () => {
  await using bench = await Bench.start(1, {
    config: { snapshotThreshold: 50, snapshotInterval: 10, trailingLogs: TRAILING },
  })
  const member = await bench.leader()
  await bench.apply(member, 100)
  await bench.until(() => member.snapshots.list().length > 0, 'there is a snapshot')
})

test('a snapshot that is asked for is refused while there is nothing new, and taken after ten commands', async () => {
  await using bench = await Bench.start(1, { bootstrap: false })
  const [member] = bench.members
  await rejects(bench.settle(member!.raft.snapshot()), { code: 'ERR_RAFT_NOTHING_NEW_TO_SNAPSHOT' })
  await bench.settle(member!.raft.bootstrapCluster({ servers: bench.servers() }))
  const leader = await bench.leader()
  await bench.apply(leader, 10)
  await bench.settle(leader.raft.snapshot())
  await rejects(bench.settle(leader.raft.snapshot()), { code: 'ERR_RAFT_NOTHING_NEW_TO_SNAPSHOT' })
  equal(leader.snapshots.list().length, 1)
})

describe('a restore that the user asks for', () => {
  for (const offset of [0, 1, 2, 100, 1_000, 10_000]) {
    for (const where of ['the same cluster', 'a new cluster']) {
      for (const monotonic of [false, true]) {
        const stores = monotonic ? ', stores without gaps' : ''
        test(`${offset} past the snapshot, into ${where}${stores}`, () => restores({ offset, where, monotonic }))
      }
    }
  }

  async function restores({ offset, where, monotonic }: { offset: number; where: string; monotonic: boolean }) {
    const options = monotonic ? { logs: (store: Member['store']) => new MockMonotonicLogStore(store) } : {}
    const bench = await Bench.start(3, options)
    const source = await bench.leader()
    await bench.apply(source, 10)
    const { meta, open } = await bench.settle(source.raft.snapshot())
    const chunks: Uint8Array[] = []
    for await (const chunk of await open()) chunks.push(chunk.slice())
    const target = where === 'the same cluster' ? bench : await Bench.start(3, { ...options, seed: 2 })
    const leader = await target.leader()
    await target.apply(leader, offset)
    const before = leader.raft.lastIndex
    await target.settle(leader.raft.restore(meta, chunks))
    // One index stays empty, so that nobody goes on without the snapshot, and one is the entry that proves the majority.
    equal(leader.raft.lastIndex, Math.max(before, meta.index) + 2)
    await target.same(target.members, 10)
    // The old log stays until the restore is committed; then it is of no use, whatever the store tolerates.
    await target.until(() => leader.store.firstIndex() === leader.raft.lastIndex, 'the old log is gone')
    await target.apply(leader, 10)
    await target.same(target.members, 20)
    await target[Symbol.asyncDispose]()
    if (target !== bench) await bench[Symbol.asyncDispose]()
  }
})

describe('a follower that was away while the log was compacted', () => {
  for (const more of [0, 100]) {
    test(`gets the snapshot${more > 0 ? `, and the ${more} commands after it` : ''}`, async () => {
      await using bench = await Bench.start(3, { config: { trailingLogs: TRAILING } })
      const leader = await bench.leader()
      const [follower] = await bench.others()
      bench.cut(follower!)
      await bench.apply(leader, 100)
      for (const member of bench.members) if (member !== follower) await bench.settle(member.raft.snapshot())
      await bench.apply(leader, more)
      ok(leader.store.firstIndex() > 1)
      bench.heal()
      await bench.same(bench.members, 100 + more)
      ok(Number(follower!.raft.stats().last_snapshot_index) > 0)
    })
  }
})

test('a snapshot whose membership cannot be read is refused with an error, and the node goes on', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  const [follower] = await bench.others()
  for (const snapshotVersion of [0, 1]) {
    const garbage = bytes('garbage')
    const request: InstallSnapshotRequest = {
      header: { protocolVersion: 3, id: bytes(leader.id), address: bytes(leader.id) },
      leader: bytes(leader.id),
      snapshotVersion,
      term: leader.raft.currentTerm,
      lastLogIndex: 100,
      lastLogTerm: 1,
      peers: garbage,
      configuration: garbage,
      configurationIndex: 1,
      size: 10,
    }
    async function* data() {
      yield new Uint8Array(10)
    }
    equal(
      await bench.settle(fate(leader.transport.installSnapshot(follower!.peer, request, data()))),
      'ERR_RAFT_REMOTE',
    )
  }
  await bench.apply(leader, 1)
  await bench.same(bench.members, 1)
})
