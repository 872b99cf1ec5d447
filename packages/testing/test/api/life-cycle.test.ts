import { deepEqual, equal, ok } from 'node:assert/strict'
import { type Config, decodeConfiguration, getConfiguration, type LogStore, Raft, recoverCluster } from '@raft/core'
import { describe, test } from 'vitest'
import {
  type Cluster,
  type ClusterNode,
  inmemConfig,
  InmemTransport,
  makeClusterNoBootstrap,
  MockFSM,
  MockMonotonicLogStore,
} from '../../src/index.ts'
import { applyAll, bytes, fate, simulated, type Simulated, text, texts } from './support.ts'

/** What a node of a cluster that was closed is started with again. */
function optionsOf({ cluster, clock }: Simulated<number>, node: ClusterNode, config: Partial<Config> = {}) {
  const transport = new InmemTransport({ address: node.address, clock })
  for (const peer of cluster.nodes) if (peer !== node) transport.connect(peer.address, peer.transport)
  const logs: LogStore = node.store
  const stores = { logs, stable: node.store, snapshots: node.snapshots }
  return { ...stores, config: { ...inmemConfig(), ...config, localID: node.id }, transport, clock, fsm: new MockFSM() }
}

/** A cluster of one with commands, some of them in a snapshot. */
async function one(config: Partial<Config> = {}): Promise<Simulated<number> & { readonly node: ClusterNode }> {
  const { cluster, clock } = await simulated(1, { conf: config })
  const node = await cluster.leader()
  await applyAll(cluster, node.raft, texts('a', 100))
  return { cluster, clock, node }
}

describe('a restart', () => {
  for (const monotonic of [false, true]) {
    test(`on a ${monotonic ? 'monotonic' : 'plain'} log begins with the snapshot and changes no log`, async () => {
      const { node, ...world } = await one({ trailingLogs: 10 })
      const { meta } = await world.cluster.settle(node.raft.snapshot())
      await world.clock.advance(10)
      equal(node.store.firstIndex(), meta.index - 10 + 1)
      await applyAll(world.cluster, node.raft, texts('b', 5))
      await world.cluster.close()
      const kept = [node.store.firstIndex(), node.store.lastIndex()]
      const options = optionsOf(world, node)
      const logs = monotonic ? new MockMonotonicLogStore(node.store) : node.store
      const raft = await Raft.start({ ...options, logs })
      equal(raft.appliedIndex, meta.index)
      deepEqual([node.store.firstIndex(), node.store.lastIndex()], kept)
      deepEqual(options.fsm.logs().map(text), texts('a', 100))
      await world.clock.until(() => raft.state === 'Leader' && raft.appliedIndex === raft.lastIndex)
      deepEqual(options.fsm.logs().map(text), [...texts('a', 100), ...texts('b', 5)])
      await world.clock.run(raft.shutdown())
    })
  }

  test('restores nothing if the state machine keeps its own state', async () => {
    const { node, ...world } = await one()
    const { meta } = await world.cluster.settle(node.raft.snapshot())
    await world.cluster.close()
    const options = optionsOf(world, node, { noSnapshotRestoreOnStart: true })
    const raft = await Raft.start(options)
    deepEqual([options.fsm.logs().length, raft.appliedIndex], [0, meta.index])
    await world.clock.run(raft.shutdown())
  })
})

test('a configuration is read offline as often as one likes, and the node starts all the same (Q9)', async () => {
  const { node, ...world } = await one()
  await world.cluster.close()
  const { fsm, clock, ...options } = optionsOf(world, node)
  const before = [...Array(node.store.lastIndex()).keys()].map((at) => node.store.getLog(at + 1))
  const expected = { configuration: { servers: [{ suffrage: 'Voter', id: node.id, address: node.address }] }, index: 1 }
  for (let time = 0; time < 3; time++) deepEqual(await getConfiguration(options), expected)
  deepEqual(
    before,
    [...Array(node.store.lastIndex()).keys()].map((at) => node.store.getLog(at + 1)),
  )
  const raft = await Raft.start({ ...options, fsm, clock })
  ok(await clock.until(() => raft.state === 'Leader'))
  await clock.run(raft.shutdown())
})

test('a server that is left recovers, with two new ones beside it', async () => {
  const old = await simulated(3)
  const survivor = await old.cluster.leader()
  await applyAll(old.cluster, survivor.raft, texts('a', 100))
  await old.cluster.close()
  const fresh = await makeClusterNoBootstrap(2, { clock: old.clock })
  const [...added] = fresh.nodes
  const servers = [survivor, ...added].map(({ id, address }) => ({ suffrage: 'Voter' as const, id, address }))
  const options = optionsOf(old, survivor)
  await recoverCluster({ ...options, fsm: new MockFSM(), configuration: { servers } })
  equal(survivor.store.lastIndex(), 0)
  for (const { address, transport } of added) {
    options.transport.connect(address, transport)
    transport.connect(survivor.address, options.transport)
  }
  const raft = await Raft.start(options)
  const all = [options.fsm, ...added.map(({ fsm }) => fsm as MockFSM)]
  ok(await old.clock.until(() => all.every((fsm) => fsm.logs().length === 100)))
  for (const fsm of all) deepEqual(fsm.logs().map(text), texts('a', 100))
  for (const node of added) deepEqual(node.raft.getConfiguration().configuration, { servers })
  await fresh.close()
  await old.clock.run(raft.shutdown())
})

describe('membership', () => {
  /** Starts another node, and connects it. */
  async function join({ cluster, clock }: Simulated<number>): Promise<ClusterNode> {
    const joining = await makeClusterNoBootstrap(1, { clock })
    const node = joining.nodes[0]!
    cluster.merge(joining)
    return node
  }

  test('a new voter is staging until it has caught up; the index is that of its promotion', async () => {
    const world = await simulated(3)
    const { raft } = await world.cluster.leader()
    await applyAll(world.cluster, raft, texts('a', 50))
    const node = await join(world)
    const { index } = await world.cluster.settle(raft.addVoter(node.id, node.address))
    deepEqual(raft.getConfiguration().index, index)
    equal(raft.stats().latest_configuration_index, String(index))
    const suffrages = configurationsIn(world.cluster, node).map((servers) => servers.get(node.id))
    deepEqual(suffrages.slice(-2), ['Staging', 'Voter'])
    await world.cluster.ensureSame()
    await world.cluster.close()
  })

  test('a change that counts on another configuration is refused, and the index to count on is known (Q11)', async () => {
    const { cluster } = await simulated(1)
    const { raft } = await cluster.leader()
    const { index } = raft.getConfiguration()
    const first = await cluster.settle(raft.addNonvoter('x', 'x', { prevIndex: index }))
    ok(first.index > index)
    equal(await cluster.settle(fate(raft.addNonvoter('y', 'y', { prevIndex: index }))), 'CONFIGURATION rejected')
    await cluster.settle(raft.addNonvoter('y', 'y', { prevIndex: first.index }))
    await cluster.close()
  })

  test('a leader that takes its own vote goes on as a follower (Q12), one that takes itself out stops', async () => {
    for (const removes of [false, true]) {
      const { cluster } = await simulated(3)
      const { raft, id } = await cluster.leader()
      await cluster.settle(removes ? raft.removeServer(id) : raft.demoteVoter(id))
      await cluster.until(() => raft.state !== 'Leader', 'it leads no more')
      equal(raft.state, removes ? 'Shutdown' : 'Follower')
      await cluster.until(() => cluster.inState('Leader').length === 1, 'another one leads')
      await cluster.close()
    }
  })
})

/** The suffrages by ID, in every configuration of the node's log. */
function configurationsIn(cluster: Cluster, { raft }: ClusterNode): readonly Map<string, string>[] {
  const { store } = cluster.nodes[0]!
  const found: Map<string, string>[] = []
  for (let index = 1; index <= raft.lastIndex; index++) {
    const { type, data } = store.getLog(index)
    if (type === 5) {
      found.push(new Map(decodeConfiguration(data!).servers.map(({ id, suffrage }) => [id, suffrage])))
    }
  }
  return found
}

test('a shorter heartbeat timeout counts at once, on a follower too', async () => {
  const { cluster } = await simulated(3, {
    conf: { heartbeatTimeout: 10_000, electionTimeout: 10_000, leaderLeaseTimeout: 50 },
    longstopTimeout: 60_000,
  })
  const leader = await cluster.leader()
  for (const { raft } of cluster.nodes) {
    raft.reloadConfig({ ...raft.reloadableConfig(), heartbeatTimeout: 100, electionTimeout: 100 })
    equal(raft.reloadableConfig().heartbeatTimeout, 100)
  }
  const begun = cluster.clock.now()
  cluster.disconnect(leader.id)
  const others = cluster.nodes.filter((node) => node !== leader)
  await cluster.until(() => others.some(({ raft }) => raft.state === 'Leader'), 'another node leads')
  ok(cluster.clock.now() - begun < 2_000)
  await cluster.close()
})

test('every change of leadership is told in order, and the newest is what a slow reader gets', async () => {
  const told = new Map<string, boolean[]>()
  const { cluster, clock } = await simulated(3)
  for (const { id, raft } of cluster.nodes) {
    const changes: boolean[] = []
    told.set(id, changes)
    void (async () => {
      for await (const leads of raft.leadershipChanges()) changes.push(leads)
    })()
  }
  const first = await cluster.leader()
  const slow = first.raft.leadershipChanges()
  cluster.disconnect(first.id)
  await cluster.until(() => first.raft.state === 'Follower', 'it steps down')
  deepEqual(await slow.next(), { done: false, value: false })
  cluster.reconnect(first.id)
  const next = await cluster.leader()
  await cluster.close()
  await clock.settle()
  ok(next !== first)
  deepEqual(told.get(first.id), [true, false])
  deepEqual(told.get(next.id), [true, false])
  deepEqual(await slow.next(), { done: true, value: undefined })
})

test('a command may be changed by its caller as soon as apply has returned, and a timeout of its own bounds nothing else', async () => {
  const { cluster } = await simulated(1)
  const { raft, fsm } = await cluster.leader()
  const command = bytes('first')
  const call = raft.apply(command, { timeout: 1 })
  command.fill(0)
  await cluster.settle(call)
  deepEqual((fsm as MockFSM).logs().map(text), ['first'])
  await cluster.close()
})
