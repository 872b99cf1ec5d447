import { deepEqual, equal, notEqual, ok, rejects } from 'node:assert/strict'
import { ConfigurationChangeCommand, type FSM } from '@raft/core'
import { describe, test } from 'vitest'
import {
  type Cluster,
  makeCluster,
  makeClusterCustom,
  makeClusterNoBootstrap,
  type MockFSM,
  MockFSMConfigStore,
  SeededRandom,
  SimulatedClock,
} from '../../src/index.ts'

const text = new TextEncoder()
const simulated = (seed = 1) => ({ clock: new SimulatedClock(), random: new SeededRandom(seed).next })

describe('makeCluster', () => {
  test('elects a leader and replicates', async () => {
    await using cluster = await makeCluster(3, simulated())
    const leader = await cluster.leader()
    for (let count = 1; count <= 10; count++) {
      const { response } = await cluster.settle(leader.raft.apply(text.encode(`command ${count}`)))
      equal(response, count)
    }
    await cluster.ensureSame()
    await cluster.ensureLeader(leader.id)
    equal((await cluster.ensureSamePeers()).length, 3)
    equal((await cluster.followers()).length, 2)
    ok(cluster.nodes.every(({ id, address }) => id === `server-${address}`))
    equal((cluster.nodes[2]!.fsm as MockFSM).logs().length, 10)
  })

  test('runs on the real clock too', async () => {
    await using cluster = await makeCluster(3)
    const leader = await cluster.leader()
    const answers = await Promise.all([1, 2, 3].map((number) => leader.raft.apply(Uint8Array.of(number))))
    deepEqual(
      answers.map(({ response }) => response),
      [1, 2, 3],
    )
    await cluster.ensureSame()
  })

  test('a leader that is cut off is replaced, and follows when it is back', async () => {
    await using cluster = await makeCluster(3, simulated(2))
    const first = await cluster.leader()
    cluster.partition([first.id])
    await cluster.until(() => first.raft.state !== 'Leader', 'the leader steps down')
    const second = await cluster.leader()
    notEqual(second.id, first.id)
    await cluster.settle(second.raft.apply(text.encode('x')))
    await rejects(first.raft.apply(text.encode('y')), { code: 'ERR_RAFT_NOT_LEADER' })
    cluster.fullyConnect()
    await cluster.ensureLeader((await cluster.leader()).id)
    await cluster.ensureSame()
  })

  test('disconnect and reconnect take one node away and bring it back', async () => {
    await using cluster = await makeCluster(3, simulated(3))
    const leader = await cluster.leader()
    const [follower] = await cluster.followers()
    cluster.disconnect(follower!.id)
    await cluster.settle(leader.raft.apply(text.encode('x')))
    equal((follower!.fsm as MockFSM).logs().length, 0)
    cluster.reconnect(follower!.id)
    await cluster.ensureSame()
  })

  test('the same seed is the same run', async () => {
    const run = async (): Promise<unknown> => {
      const options = simulated(4)
      await using cluster = await makeCluster(3, options)
      const leader = await cluster.leader()
      await cluster.settle(leader.raft.apply(text.encode('x')))
      await cluster.ensureSame()
      return [leader.address, leader.raft.currentTerm, options.clock.now()]
    }
    deepEqual(await run(), await run())
  })
})

describe('makeClusterNoBootstrap', () => {
  test('has no configuration until one node gets it', async () => {
    await using cluster = await makeClusterNoBootstrap(3, simulated(5))
    deepEqual(await cluster.ensureSamePeers(), [])
    const [first] = cluster.nodes
    const servers = cluster.nodes.map(({ id, address }) => ({ suffrage: 'Voter' as const, id, address }))
    await cluster.settle(first!.raft.bootstrapCluster({ servers }))
    await cluster.leader()
    await cluster.until(() => cluster.nodes.every(({ raft }) => raft.commitIndex > 1), 'all have the configuration')
  })

  test('nodes join a cluster that they are merged into', async () => {
    const options = simulated(6)
    await using cluster = await makeCluster(1, options)
    const joiners = await makeClusterNoBootstrap(2, options)
    const leader = await cluster.leader()
    const added = [...joiners.nodes]
    cluster.merge(joiners)
    deepEqual(joiners.nodes, [])
    for (const { id, address } of added) await cluster.settle(leader.raft.addVoter(id, address))
    await cluster.settle(leader.raft.apply(text.encode('x')))
    await cluster.ensureSame()
    equal((await cluster.ensureSamePeers()).filter(({ suffrage }) => suffrage === 'Voter').length, 3)
    equal(ConfigurationChangeCommand.AddVoter, 0)
  })
})

describe('makeClusterCustom', () => {
  test('tells the configurations to state machines that want them', async () => {
    await using cluster = await makeClusterCustom({ ...simulated(7), peers: 1, bootstrap: true, configStoreFSM: true })
    await cluster.leader()
    const { fsm } = cluster.nodes[0]!
    ok(fsm instanceof MockFSMConfigStore)
    await cluster.until(() => fsm.configurations.length === 1, 'it is told the first configuration')
  })

  test('takes another state machine, config, and stores without gaps', async () => {
    const makeFSM = (): FSM<string> => ({
      apply: ({ data }) => new TextDecoder().decode(data).toUpperCase(),
      snapshot: () => ({ persist: () => {}, release: () => {} }),
      restore: () => {},
    })
    const options = { ...simulated(8), peers: 2, bootstrap: true, monotonicLogs: true, makeFSM }
    await using cluster: Cluster<string> = await makeClusterCustom({ ...options, conf: { protocolVersion: 2 } })
    const leader = await cluster.leader()
    equal(leader.id, leader.address)
    equal((await cluster.settle(leader.raft.apply(text.encode('abc')))).response, 'ABC')
  })

  test('what is waited for in vain fails with what it was', async () => {
    await using cluster = await makeClusterNoBootstrap(1, { ...simulated(9), longstopTimeout: 100 })
    await rejects(cluster.leader(), /waited in vain until there is one leader/)
  })
})
