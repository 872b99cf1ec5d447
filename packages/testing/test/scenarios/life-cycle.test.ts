import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict'
import { getConfiguration, hasExistingState, recoverCluster } from '@raft/core'
import { describe, test } from 'vitest'
import { MockFSM } from '../../src/index.ts'
import { Bench, bytes, fate, type Member, peersOf } from './bench.ts'

test('a node that is started can be shut down, and again', async () => {
  await using bench = await Bench.start(1)
  const [member] = bench.members
  await bench.stop(member!)
  await bench.stop(member!)
  equal(member!.raft.state, 'Shutdown')
})

test('after shutdown every call ends with the shutdown error, none hangs', async () => {
  await using bench = await Bench.start(1)
  const { raft } = await bench.leader()
  await bench.settle(raft.shutdown())
  const configuration = { servers: bench.servers() }
  const calls = [
    raft.apply(bytes('x')),
    raft.applyLog({ data: bytes('x') }),
    raft.barrier(),
    raft.verifyLeader(),
    raft.read(() => 1),
    raft.addVoter('b', 'b'),
    raft.addNonvoter('b', 'b'),
    raft.removeServer('a'),
    raft.demoteVoter('a'),
    raft.snapshot(),
    raft.restore({ version: 1, index: 1, size: 0 }, []),
    raft.leadershipTransfer(),
    raft.leadershipTransferToServer('b', 'b'),
    raft.bootstrapCluster(configuration),
  ]
  for (const call of calls.map(fate)) equal(await bench.settle(call), 'ERR_RAFT_SHUTDOWN')
  throws(() => raft.getConfiguration(), { code: 'ERR_RAFT_SHUTDOWN' })
  await bench.settle(raft.shutdown())
})

describe('bootstrap of running nodes', () => {
  test('gives the cluster a leader that applies; a second one is refused', async () => {
    await using bench = await Bench.start(3, { bootstrap: false })
    const [first, second] = bench.members
    await bench.settle(first!.raft.bootstrapCluster({ servers: bench.servers() }))
    const leader = await bench.leader()
    await bench.apply(leader, 1)
    await bench.same(bench.members, 1)
    for (const { raft } of [first!, second!]) {
      await rejects(bench.settle(raft.bootstrapCluster({ servers: bench.servers() })), {
        code: 'ERR_RAFT_CANT_BOOTSTRAP',
      })
    }
  })

  test('is refused by a node that the configuration gives no vote', async () => {
    await using bench = await Bench.start(2, { bootstrap: false })
    const servers = bench.servers(['Voter', 'Nonvoter'])
    await rejects(bench.settle(bench.members[1]!.raft.bootstrapCluster({ servers })), { code: 'ERR_RAFT_NOT_VOTER' })
  })
})

describe('recovery by hand', () => {
  test('of empty stores is refused, since there is nothing to recover', async () => {
    await using bench = await Bench.start(1, { bootstrap: false })
    const [member] = bench.members
    await bench.stop(member!)
    const options = { ...bench.partsOf(member!), fsm: new MockFSM(), configuration: { servers: bench.servers() } }
    await rejects(recoverCluster(options), /no initial state/)
  })

  const cases = [
    { applies: 0, snapshots: false, why: 'without commands' },
    { applies: 4, snapshots: false, why: 'from the log alone' },
    { applies: 25, snapshots: true, why: 'from a snapshot and the log after it' },
  ]
  for (const { applies, snapshots, why } of cases) {
    test(`of three ${why}: one snapshot more, an empty log, and the servers converge on the given configuration`, async () => {
      await using bench = await Bench.start(3)
      const leader = await bench.leader()
      await bench.apply(leader, applies)
      await bench.same(bench.members, applies)
      if (snapshots) for (const { raft } of bench.members) await bench.settle(raft.snapshot())
      if (snapshots) await bench.apply(leader, 2)
      const expected = snapshots ? applies + 2 : applies
      await bench.same(bench.members, expected)
      for (const member of bench.members) await recover(bench, member)
      for (const member of bench.members) await bench.launch(member)
      const fresh = await bench.leader()
      await bench.apply(fresh, 1)
      await bench.same(bench.members, expected + 1)
      equal(await bench.samePeers(), 'a:Voter b:Voter c:Voter')
    })
  }

  async function recover(bench: Bench, member: Member): Promise<void> {
    await bench.stop(member)
    const before = member.snapshots.list()[0]?.index ?? 0
    const options = { ...bench.partsOf(member), fsm: new MockFSM(), configuration: { servers: bench.servers() } }
    await recoverCluster(options)
    ok(member.snapshots.list()[0]!.index > before, 'there is a newer snapshot')
    equal(member.store.lastIndex(), 0, 'the log is empty')
  }
})

test('a node has no existing state until it has joined', async () => {
  await using bench = await Bench.start(2)
  const leader = await bench.leader()
  const joiner = await bench.join('j')
  const stores = { logs: joiner.store, stable: joiner.store, snapshots: joiner.snapshots }
  equal(await hasExistingState(stores), false)
  await bench.settle(leader.raft.addVoter('j', 'j'))
  equal(await hasExistingState(stores), true)
})

test('the configuration read offline is the live one, with its index', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  await bench.settle(leader.raft.demoteVoter((await bench.others())[0]!.id))
  const live = leader.raft.getConfiguration()
  await bench.stop(leader)
  deepEqual(await getConfiguration(bench.partsOf(leader)), live)
  ok(live.index > 1)
})

test('one node leads, says so, and answers with what its state machine answered', async () => {
  await using bench = await Bench.start(1)
  const [member] = bench.members
  const changes = member!.raft.leadershipChanges()
  const first = await bench.settle(changes.next())
  equal(first.value, true)
  const result = await bench.settle(member!.raft.apply(bytes('x')))
  equal(result.response, 1)
  ok(result.index > 0)
})

test('three nodes apply the same command', async () => {
  await using bench = await Bench.start(3)
  await bench.apply(await bench.leader(), 1)
  await bench.same(bench.members, 1)
})

test('notify hears that leadership began, and that shutdown ended it', async () => {
  const heard: boolean[] = []
  const bench = await Bench.start(1, { config: { notify: (leads) => void heard.push(leads) } })
  await bench.leader()
  deepEqual(heard, [true])
  await bench[Symbol.asyncDispose]()
  deepEqual(heard, [true, false])
})

describe('reloading settings', () => {
  const settings = {
    trailingLogs: 12_345,
    snapshotInterval: 234_000,
    snapshotThreshold: 6_789,
    heartbeatTimeout: 70,
    electionTimeout: 90,
  }

  test('all five take effect', async () => {
    await using bench = await Bench.start(1)
    const { raft } = await bench.leader()
    raft.reloadConfig(settings)
    deepEqual(raft.reloadableConfig(), settings)
  })

  test('a value that is invalid changes none of them', async () => {
    await using bench = await Bench.start(1)
    const { raft } = await bench.leader()
    const before = raft.reloadableConfig()
    throws(() => raft.reloadConfig({ ...settings, snapshotInterval: 0 }), /snapshotInterval/i)
    throws(() => raft.reloadConfig({ ...settings, electionTimeout: 10 }), /electionTimeout/i)
    deepEqual(raft.reloadableConfig(), before)
  })

  test('a follower that waits takes the new heartbeat timeout', async () => {
    await using bench = await Bench.start(3, { config: { heartbeatTimeout: 5_000, electionTimeout: 5_000 } })
    const leader = await bench.leader()
    const [follower] = await bench.others()
    bench.cut(leader)
    follower!.raft.reloadConfig({ ...follower!.raft.reloadableConfig(), heartbeatTimeout: 50, electionTimeout: 50 })
    const since = bench.clock.now()
    await bench.until(() => follower!.raft.state !== 'Follower', 'it campaigns')
    ok(bench.clock.now() - since < 500, 'by the new timeout')
  })
})

describe('followers that come back without a leader', () => {
  test('elect one by the default timeout', async () => {
    await using bench = await Bench.start(3)
    const leader = await bench.leader()
    const others = await bench.others()
    bench.cut(leader)
    for (const member of others) await bench.restart(member)
    bench.cut(leader)
    await bench.until(() => others.some(({ raft }) => raft.state === 'Leader'), 'one leads')
  })

  test('wait for as long as a longer first timeout says, and for as long as a shorter one that is loaded later', async () => {
    await using bench = await Bench.start(3)
    const leader = await bench.leader()
    const others = await bench.others()
    const slow = { heartbeatTimeout: 20_000, electionTimeout: 20_000 }
    for (const member of others) await bench.restart(member, slow)
    bench.cut(leader)
    const { currentTerm } = others[0]!.raft
    await bench.clock.advance(15_000)
    deepEqual(
      others.map(({ raft }) => raft.state),
      ['Follower', 'Follower'],
    )
    equal(others[0]!.raft.currentTerm, currentTerm)
    const settings = { ...others[0]!.raft.reloadableConfig(), heartbeatTimeout: 100, electionTimeout: 100 }
    for (const { raft } of others) raft.reloadConfig(settings)
    const since = bench.clock.now()
    await bench.until(() => others.some(({ raft }) => raft.state === 'Leader'), 'one leads')
    ok(bench.clock.now() - since <= 600, 'within 600 milliseconds')
  })
})

test('a node knows its place: its peers as text', async () => {
  await using bench = await Bench.start(2, { suffrages: ['Voter', 'Nonvoter'] })
  const leader = await bench.leader()
  equal(leader.id, 'a')
  equal(peersOf(leader), 'a:Voter b:Nonvoter')
})
