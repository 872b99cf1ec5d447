import { deepEqual, ok } from 'node:assert/strict'
import type { FSM, Log, Metric } from '@raft/core'
import { NetworkTransport } from '@raft/core/wire'
import { describe, test } from 'vitest'
import { MockFSM } from '../../src/index.ts'
import { MemoryLayer } from './memory-layer.ts'
import { applyAll, bytes, headerOf, simulated, texts } from './support.ts'

/** What was measured, by the scenario that makes it happen. */
type Scenario = (metrics: Metric[]) => Promise<void>

/** A cluster that does everything that a healthy one does. */
const atWork: Scenario = async (metrics) => {
  const { cluster, clock } = await simulated(3, {
    conf: { trailingLogs: 0 },
    metrics: (metric) => metrics.push(metric),
    configStoreFSM: true,
  })
  const { raft } = await cluster.leader()
  await applyAll(cluster, raft, texts('a', 20))
  await cluster.settle(raft.barrier())
  await cluster.settle(raft.verifyLeader())
  await cluster.settle(raft.addNonvoter('another', 'nowhere'))
  await cluster.settle(raft.snapshot())
  await clock.advance(11_000)
  await applyAll(cluster, raft, texts('b', 20))
  await cluster.close()
}

/** A leader that loses its followers, and steps down. */
const cutOff: Scenario = async (metrics) => {
  const { cluster } = await simulated(3, { metrics: (metric) => metrics.push(metric) })
  const { id, raft } = await cluster.leader()
  cluster.disconnect(id)
  await cluster.until(() => raft.state !== 'Leader', 'the leader steps down')
  await cluster.close()
}

/** A follower with a store that holds no gaps, which was away for too long for the log. */
const needingSnapshot: Scenario = async (metrics) => {
  const { cluster } = await simulated(3, {
    conf: { trailingLogs: 0 },
    metrics: (metric) => metrics.push(metric),
    monotonicLogs: true,
  })
  const { raft } = await cluster.leader()
  await applyAll(cluster, raft, texts('early', 3))
  const away = cluster.inState('Follower')[0]!
  cluster.disconnect(away.id)
  await applyAll(cluster, raft, texts('a', 20))
  await cluster.settle(raft.snapshot())
  await applyAll(cluster, raft, texts('b', 3))
  cluster.reconnect(away.id)
  await cluster.ensureSame()
  await cluster.close()
}

/** A state that a caller gives to the whole cluster. */
const userRestore: Scenario = async (metrics) => {
  const { cluster } = await simulated(3, { metrics: (metric) => metrics.push(metric) })
  const { raft } = await cluster.leader()
  await applyAll(cluster, raft, ['a'])
  const { meta, open } = await cluster.settle(raft.snapshot())
  await cluster.settle(raft.restore(meta, await open()))
  await cluster.close()
}

/** A state machine that takes its commands in batches. */
class BatchingMachine extends MockFSM {
  applyBatch(logs: readonly Log[]): readonly number[] {
    return logs.map((log) => this.apply(log))
  }
}

const batching: Scenario = async (metrics) => {
  const makeFSM = (): FSM<number> => new BatchingMachine()
  const { cluster } = await simulated(1, { metrics: (metric) => metrics.push(metric), makeFSM })
  const { raft } = await cluster.leader()
  await applyAll(cluster, raft, texts('a', 5))
  await cluster.close()
}

/** Two transports that say everything that there is to say. */
const network: Scenario = async (metrics) => {
  const layers = new Map<string, MemoryLayer>()
  const [asking, answering] = ['a', 'b'].map(
    (address) =>
      new NetworkTransport({ stream: new MemoryLayer(address, layers), metrics: (metric) => metrics.push(metric) }),
  )
  const header = headerOf('a')
  answering!.setRPCHandler((rpc) => {
    if (rpc.type === 'appendEntries') {
      rpc.respond({ header, term: 1, lastLog: 1, success: true, noRetryBackoff: false })
    } else if (rpc.type === 'timeoutNow') rpc.respond({ header })
    else if (rpc.type === 'installSnapshot') rpc.respond({ header, term: 1, success: true })
    else if (rpc.type === 'requestVote') rpc.respond({ header, term: 1, granted: true })
    else rpc.respond({ header, term: 1, granted: true })
  })
  const peer = { id: 'b', address: 'b' }
  const positions = { prevLogEntry: 0, prevLogTerm: 0, leaderCommitIndex: 0 }
  const last = { term: 1, lastLogIndex: 1, lastLogTerm: 1 }
  const log: Log = { index: 1, term: 1, type: 0, data: bytes('x') }
  await asking!.appendEntries(peer, { header, term: 1, leader: header.address, ...positions })
  await asking!.appendEntries(peer, { header, term: 1, leader: header.address, ...positions, entries: [log] })
  await asking!.requestVote(peer, { header, ...last, candidate: header.address, leadershipTransfer: false })
  await asking!.requestPreVote(peer, { header, ...last })
  await asking!.timeoutNow(peer, { header })
  const snapshot = { header, ...last, snapshotVersion: 1, leader: header.address, configurationIndex: 1, size: 1 }
  async function* data(): AsyncGenerator<Uint8Array> {
    yield bytes('s')
  }
  await asking!.installSnapshot(peer, snapshot, data())
  await Promise.all([asking!.close(), answering!.close()])
}

const scenarios = { atWork, cutOff, needingSnapshot, userRestore, batching, network }

/** Appendix B of the spec: name, kind, and where it is seen. */
const appendix: readonly (readonly [name: string, kind: Metric['kind'], scenario: keyof typeof scenarios])[] = [
  ['raft.apply', 'counter', 'atWork'],
  ['raft.barrier', 'counter', 'atWork'],
  ['raft.verify_leader', 'counter', 'atWork'],
  ['raft.restore', 'counter', 'userRestore'],
  ['raft.state.follower', 'counter', 'atWork'],
  ['raft.state.candidate', 'counter', 'atWork'],
  ['raft.state.leader', 'counter', 'atWork'],
  ['raft.transition.heartbeat_timeout', 'counter', 'atWork'],
  ['raft.transition.leader_lease_timeout', 'counter', 'cutOff'],
  ['raft.peers', 'gauge', 'atWork'],
  ['raft.commitTime', 'timer', 'atWork'],
  ['raft.commitNumLogs', 'gauge', 'atWork'],
  ['raft.fsm.enqueue', 'timer', 'atWork'],
  ['raft.leader.dispatchLog', 'timer', 'atWork'],
  ['raft.leader.dispatchNumLogs', 'gauge', 'atWork'],
  ['raft.leader.lastContact', 'sample', 'atWork'],
  ['raft.leader.oldestLogAge', 'gauge', 'atWork'],
  ['raft.restoreUserSnapshot', 'timer', 'userRestore'],
  ['raft.rpc.processHeartbeat', 'timer', 'atWork'],
  ['raft.rpc.appendEntries', 'timer', 'atWork'],
  ['raft.rpc.appendEntries.storeLogs', 'timer', 'atWork'],
  ['raft.rpc.appendEntries.processLogs', 'timer', 'atWork'],
  ['raft.rpc.requestVote', 'timer', 'atWork'],
  ['raft.rpc.installSnapshot', 'timer', 'needingSnapshot'],
  ['raft.candidate.electSelf', 'timer', 'atWork'],
  ['raft.candidate.preElectSelf', 'timer', 'atWork'],
  ['raft.replication.appendEntries.rpc', 'timer', 'atWork'],
  ['raft.replication.appendEntries.logs', 'counter', 'atWork'],
  ['raft.replication.heartbeat', 'timer', 'atWork'],
  ['raft.replication.installSnapshot', 'timer', 'needingSnapshot'],
  ['raft.fsm.apply', 'timer', 'atWork'],
  ['raft.fsm.applyBatch', 'timer', 'batching'],
  ['raft.fsm.applyBatchNum', 'sample', 'batching'],
  ['raft.fsm.store_config', 'timer', 'atWork'],
  ['raft.fsm.snapshot', 'timer', 'atWork'],
  ['raft.fsm.restore', 'timer', 'needingSnapshot'],
  ['raft.fsm.lastRestoreDuration', 'gauge', 'needingSnapshot'],
  ['raft.snapshot.takeSnapshot', 'timer', 'atWork'],
  ['raft.snapshot.create', 'timer', 'atWork'],
  ['raft.snapshot.persist', 'timer', 'atWork'],
  ['raft.compactLogs', 'timer', 'atWork'],
  ['raft.removeOldLogs', 'timer', 'needingSnapshot'],
  ['raft.net.getRPCType', 'timer', 'network'],
  ['raft.net.rpcDecode', 'timer', 'network'],
  ['raft.net.rpcEnqueue', 'timer', 'network'],
  ['raft.net.rpcRespond', 'timer', 'network'],
  ['raft.thread.main.saturation', 'sample', 'atWork'],
  ['raft.thread.fsm.saturation', 'sample', 'atWork'],
]

const runs = new Map<string, Promise<Metric[]>>()

function measured(name: keyof typeof scenarios): Promise<Metric[]> {
  let run = runs.get(name)
  if (run === undefined) {
    const metrics: Metric[] = []
    run = scenarios[name](metrics).then(() => metrics)
    runs.set(name, run)
  }
  return run
}

describe('appendix B', () => {
  for (const [name, kind, scenario] of appendix) {
    test(`${name} is a ${kind}`, async () => {
      const found = (await measured(scenario)).filter((metric) => metric.name === name)
      ok(found.length > 0, `${name} was measured`)
      deepEqual([...new Set(found.map((metric) => metric.kind))], [kind])
      ok(
        found.every(({ value }) => Number.isFinite(value) && value >= 0),
        `${name} is never negative`,
      )
    })
  }

  test('nothing else is measured, but for what carries the name of a peer', async () => {
    const known = new Set(appendix.map(([name]) => name))
    const all = (await Promise.all(Object.keys(scenarios).map((it) => measured(it as keyof typeof scenarios)))).flat()
    const others = new Set(all.map(({ name }) => name).filter((name) => !known.has(name)))
    deepEqual(
      [...others].filter((name) => !/^raft\.replication\.\w+(\.\w+)?\.(server-|another)/.test(name)),
      ['raft.rpc.timeoutNow'].filter((name) => others.has(name)),
    )
  })
})

test('what is measured of a peer carries its ID as a label, and in the name unless that is turned off', async () => {
  const all = await measured('atWork')
  const labelled = all.filter(({ name }) => name === 'raft.replication.heartbeat')
  ok(labelled.every(({ labels }) => labels?.['peer_id'] !== undefined))
  ok(all.some(({ name }) => name.startsWith('raft.replication.heartbeat.server-')))
  const metrics: Metric[] = []
  const conf = { noLegacyTelemetry: true }
  const { cluster, clock } = await simulated(3, { conf, metrics: (metric) => metrics.push(metric) })
  await cluster.leader()
  await clock.advance(200)
  await cluster.close()
  const names = new Set(metrics.map(({ name }) => name).filter((name) => name.startsWith('raft.replication.')))
  deepEqual(
    [...names].filter((name) => name.includes('server-')),
    [],
  )
  ok(names.size > 0)
})

test('what is measured on the network says of which kind of request', async () => {
  const metrics = await measured('network')
  for (const name of ['raft.net.rpcDecode', 'raft.net.rpcEnqueue', 'raft.net.rpcRespond']) {
    const types = new Set(metrics.filter((metric) => metric.name === name).map(({ labels }) => labels?.['rpcType']))
    deepEqual(
      types,
      new Set(['Heartbeat', 'AppendEntries', 'RequestVote', 'RequestPreVote', 'TimeoutNow', 'InstallSnapshot']),
    )
  }
})

test('saturation is a fraction with two decimals, once a second at most', async () => {
  for (const name of ['raft.thread.main.saturation', 'raft.thread.fsm.saturation']) {
    const values = (await measured('atWork')).filter((metric) => metric.name === name).map(({ value }) => value)
    ok(values.every((value) => value <= 1 && value === Math.round(value * 100) / 100))
    ok(values.length <= 3 * 13, `${name} was measured ${values.length} times by three nodes in twelve seconds`)
  }
})
