import { describe, expect, test } from 'vitest'
import type { Metric } from '../../src/interfaces/observability.ts'
import type { Observation, ObservationData } from '../../src/raft/observation.ts'
import { Observer } from '../../src/raft/observer.ts'
import { bytes, Cluster } from './harness/cluster.ts'

const servers = [{ suffrage: 'Voter' as const, id: 'a', address: 'a' }]

function observation(state: 'Follower' | 'Leader'): Observation {
  return { raft: { state, leader: undefined }, data: { type: 'state', state } }
}

/** What an observer has to read now. */
async function read(observer: Observer): Promise<ObservationData[]> {
  observer.close()
  const seen: ObservationData[] = []
  for await (const { data } of observer) seen.push(data)
  return seen
}

describe('an observer', () => {
  const hold = (): (() => void) => () => undefined

  test('counts what it was handed and what it dropped, and not what it filtered', async () => {
    const observer = new Observer({
      capacity: 2,
      filter: ({ data }) => data.type !== 'state' || data.state === 'Leader',
    })
    for (const state of ['Leader', 'Follower', 'Leader', 'Leader'] as const) observer.observe(observation(state), hold)
    expect(observer).toMatchObject({ numObserved: 2, numDropped: 1 })
    expect(await read(observer)).toHaveLength(2)
  })

  test('whose filter throws misses the observation and nothing else happens', () => {
    const observer = new Observer({
      filter: () => {
        throw new Error('no')
      },
    })
    observer.observe(observation('Leader'), hold)
    expect(observer).toMatchObject({ numObserved: 0, numDropped: 0 })
  })

  test('that blocks makes the node wait while it is full, and until it is read', async () => {
    const observer = new Observer({ capacity: 1, blocking: true })
    let held = 0
    const holding = (): (() => void) => {
      held += 1
      return () => {
        held -= 1
      }
    }
    observer.observe(observation('Leader'), holding)
    expect(held).toBe(1)
    await observer[Symbol.asyncIterator]().next()
    expect(held).toBe(0)
    const waiting = observer[Symbol.asyncIterator]().next()
    observer.observe(observation('Follower'), holding)
    expect(held).toBe(0)
    expect((await waiting).value?.data).toEqual({ type: 'state', state: 'Follower' })
    expect(observer.numDropped).toBe(0)
  })

  test('needs room for one', () => {
    expect(() => new Observer({ capacity: 0 })).toThrow('capacity must be at least 1, got 0')
  })
})

test('a single node that wins, and is shut down', async () => {
  const cluster = new Cluster()
  const member = cluster.add('a')
  const raft = await member.start(cluster)
  const observer = new Observer()
  raft.registerObserver(observer)
  raft.registerObserver(observer)
  await cluster.wait(raft.bootstrapCluster({ servers }))
  await cluster.leader()
  await cluster.wait(raft.shutdown())
  expect(await read(observer)).toEqual([
    { type: 'state', state: 'Candidate' },
    { type: 'state', state: 'Leader' },
    { type: 'leader', leader: { id: 'a', address: 'a' } },
    { type: 'leader', leader: undefined },
    { type: 'state', state: 'Shutdown' },
  ])
})

test('peers, failed and resumed heartbeats, and requests for votes', async () => {
  const cluster = await Cluster.start(3)
  const leader = await cluster.leader()
  const follower = cluster.members.find((member) => member !== leader)!
  const observer = new Observer()
  leader.raft.registerObserver(observer)
  cluster.network.cut.add(follower.id)
  await cluster.clock.advance(300)
  cluster.network.cut.clear()
  await cluster.clock.advance(1_000)
  await cluster.wait(leader.raft.addNonvoter('d', 'd'))
  await cluster.wait(leader.raft.removeServer('d'))
  const header = { protocolVersion: 3, id: bytes('z'), address: bytes('z') }
  const asked = { header, term: 1, lastLogIndex: 0, lastLogTerm: 0 }
  await leader.transport.receive('requestVote', { ...asked, leadershipTransfer: false })
  await leader.transport.receive('requestPreVote', asked)
  leader.raft.deregisterObserver(observer)
  await cluster.stop()
  const seen = await read(observer)
  const failed = seen.find((data) => data.type === 'failed-heartbeat')
  expect(failed).toMatchObject({ peerID: follower.id, lastContact: expect.any(Date) as unknown })
  expect(seen).toContainEqual({ type: 'resumed-heartbeat', peerID: follower.id })
  const peer = { suffrage: 'Nonvoter', id: 'd', address: 'd' }
  expect(seen).toContainEqual({ type: 'peer', removed: false, peer })
  expect(seen).toContainEqual({ type: 'peer', removed: true, peer })
  expect(seen).toContainEqual({ type: 'request-vote', request: { ...asked, leadershipTransfer: false } })
  expect(seen).toContainEqual({ type: 'request-pre-vote', request: asked })
  expect(seen).not.toContainEqual({ type: 'state', state: 'Shutdown' })
})

test('an observer that blocks and is not read stalls the node, until it is deregistered', async () => {
  const cluster = new Cluster()
  const member = cluster.add('a')
  const raft = await member.start(cluster)
  const observer = new Observer({ capacity: 1, blocking: true })
  raft.registerObserver(observer)
  await cluster.wait(raft.bootstrapCluster({ servers }))
  await cluster.clock.advance(5_000)
  expect(raft.state).toBe('Candidate')
  raft.deregisterObserver(observer)
  await cluster.leader()
  await cluster.stop()
})

test('leadershipChanges gives a slow reader the newest, and a late one the last', async () => {
  const cluster = await Cluster.start(1)
  const { raft } = await cluster.leader()
  const late = raft.leadershipChanges()
  const slow = raft.leadershipChanges()
  expect(await late.next()).toEqual({ done: false, value: true })
  const waiting = late.next()
  await cluster.wait(raft.shutdown())
  expect(await waiting).toEqual({ done: false, value: false })
  expect(await late.next()).toEqual({ done: true, value: undefined })
  expect(await slow.next()).toEqual({ done: false, value: false })
})

test('config.notify hears of every change, in order, one at a time', async () => {
  const heard: string[] = []
  let finish = (): void => undefined
  const notify = (leader: boolean): Promise<void> => {
    heard.push(`${leader}`)
    return new Promise((resolve) => {
      finish = () => {
        heard.push(`${leader} done`)
        resolve()
      }
    })
  }
  const cluster = await Cluster.start(1, { notify })
  const { raft } = await cluster.leader()
  // It does not hold up the node: whoever is told may apply commands.
  await cluster.wait(raft.apply(bytes('x')))
  await cluster.wait(raft.shutdown())
  expect(heard).toEqual(['true'])
  finish()
  await cluster.clock.settle()
  expect(heard).toEqual(['true', 'true done', 'false'])
})

test('a notify that throws is logged and does no harm', async () => {
  const lines: string[] = []
  const cluster = new Cluster()
  const ignore = (): void => undefined
  const error = (_facts: object, text: string): void => void lines.push(text)
  const notify = (): Promise<void> => Promise.reject(new Error('no'))
  const member = cluster.add('a', { notify })
  await member.start(cluster, { logger: { debug: ignore, info: ignore, warn: ignore, error } })
  await cluster.wait(member.raft.bootstrapCluster({ servers }))
  await cluster.leader()
  expect(lines).toEqual(['config.notify failed'])
  await cluster.stop()
})

test('stats are eighteen values, as text', async () => {
  const cluster = await Cluster.start(3)
  const leader = await cluster.leader()
  await cluster.clock.advance(200)
  expect(leader.raft.stats()).toEqual({
    state: 'Leader',
    term: String(leader.raft.currentTerm),
    last_log_index: '2',
    last_log_term: String(leader.raft.currentTerm),
    commit_index: '2',
    applied_index: '2',
    fsm_pending: '0',
    last_snapshot_index: '0',
    last_snapshot_term: '0',
    protocol_version: '3',
    protocol_version_min: '0',
    protocol_version_max: '3',
    snapshot_version_min: '0',
    snapshot_version_max: '1',
    latest_configuration_index: '1',
    latest_configuration:
      '[{Suffrage:Voter ID:a Address:a} {Suffrage:Voter ID:b Address:b} {Suffrage:Voter ID:c Address:c}]',
    num_peers: '2',
    last_contact: '0',
  })
  const follower = cluster.members.find((member) => member !== leader)!
  expect(follower.raft.stats().last_contact).toMatch(/^[\d.]+m?s$/)
  expect(follower.raft.lastContact).toBeInstanceOf(Date)
  expect(String(leader.raft)).toBe(`Node at ${leader.id} [Leader]`)
  const alone = cluster.add('z')
  await alone.start(cluster)
  expect(alone.raft.stats()).toMatchObject({ last_contact: 'never', num_peers: '0', latest_configuration: '[]' })
  expect(alone.raft.lastContact).toBeUndefined()
  await cluster.stop()
})

test('measurements have the names of Go', async () => {
  const metrics: Metric[] = []
  const cluster = new Cluster()
  for (const id of ['a', 'b', 'c']) {
    const member = cluster.add(id, { trailingLogs: 0 })
    await member.start(cluster, { metrics: (metric) => metrics.push(metric) })
  }
  const all = ['a', 'b', 'c'].map((id) => ({ suffrage: 'Voter' as const, id, address: id }))
  await cluster.wait(cluster.members[0]!.raft.bootstrapCluster({ servers: all }))
  const leader = await cluster.leader()
  await cluster.wait(leader.raft.apply(bytes('x')))
  await cluster.wait(leader.raft.barrier())
  await cluster.wait(leader.raft.verifyLeader())
  await cluster.wait(leader.raft.snapshot())
  await cluster.clock.advance(11_000)
  await cluster.stop()
  const names = new Set(metrics.map(({ name }) => name))
  const expected = [
    'raft.apply',
    'raft.barrier',
    'raft.verify_leader',
    'raft.state.candidate',
    'raft.state.leader',
    'raft.transition.heartbeat_timeout',
    'raft.commitTime',
    'raft.commitNumLogs',
    'raft.fsm.enqueue',
    'raft.fsm.apply',
    'raft.fsm.snapshot',
    'raft.leader.dispatchLog',
    'raft.leader.dispatchNumLogs',
    'raft.leader.lastContact',
    'raft.leader.oldestLogAge',
    'raft.candidate.electSelf',
    'raft.candidate.preElectSelf',
    'raft.replication.appendEntries.rpc',
    'raft.replication.appendEntries.rpc.b',
    'raft.replication.appendEntries.logs',
    'raft.replication.heartbeat',
    'raft.rpc.appendEntries',
    'raft.rpc.appendEntries.storeLogs',
    'raft.rpc.appendEntries.processLogs',
    'raft.rpc.processHeartbeat',
    'raft.rpc.requestVote',
    'raft.snapshot.create',
    'raft.snapshot.persist',
    'raft.snapshot.takeSnapshot',
    'raft.compactLogs',
    'raft.thread.main.saturation',
    'raft.thread.fsm.saturation',
  ]
  expect(expected.filter((name) => !names.has(name))).toEqual([])
})
