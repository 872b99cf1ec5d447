import { describe, expect, test } from 'vitest'
import type { FSMSnapshot } from '../../src/interfaces/fsm.ts'
import type { ObservationData } from '../../src/raft/observation.ts'
import { bytes, Cluster, type Member } from './harness/cluster.ts'
import { ListMachine } from './harness/list-machine.ts'

async function one(): Promise<{ cluster: Cluster; member: Member }> {
  const cluster = await Cluster.start(1)
  return { cluster, member: await cluster.leader() }
}

/** What became of a promise, as text; it never rejects. */
function fate(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'resolved',
    (error: { code?: string; outcome?: string }) => `${error.code} ${error.outcome}`,
  )
}

test('everything that waits is settled: rejected what was never submitted, unknown what was', async () => {
  const { cluster, member } = await one()
  const { raft, store } = member
  store.gate = () => new Promise(() => undefined)
  const submitted = fate(raft.apply(bytes('submitted')))
  await cluster.clock.settle()
  const queued = fate(raft.apply(bytes('queued')))
  const others = [raft.barrier(), raft.verifyLeader(), raft.read(() => 1), raft.addVoter('b', 'b')].map(fate)
  const stopped = raft.shutdown()
  expect(raft.shutdown()).toBe(stopped)
  expect(raft.state).toBe('Shutdown')
  expect(await submitted).toBe('ERR_RAFT_SHUTDOWN unknown')
  expect(await queued).toBe('ERR_RAFT_SHUTDOWN rejected')
  // Confirmed at once, since it is the only voter: the verification was over before.
  expect(await Promise.all(others)).toEqual([
    'ERR_RAFT_SHUTDOWN rejected',
    'resolved',
    'resolved',
    'ERR_RAFT_SHUTDOWN unknown',
  ])
  await cluster.wait(stopped)
  expect(cluster.clock.pending).toBe(0)
})

test('afterwards everything rejects, and what is open ends', async () => {
  const { cluster, member } = await one()
  const { raft } = member
  const watching = raft.observe()
  const leading = raft.leadershipChanges()
  await cluster.wait(raft.shutdown())
  const calls: Promise<unknown>[] = [
    raft.apply(bytes('x')),
    raft.applyLog({}),
    raft.barrier(),
    raft.verifyLeader(),
    raft.read(() => 1),
    raft.addVoter('b', 'b'),
    raft.addNonvoter('b', 'b'),
    raft.demoteVoter('b'),
    raft.removeServer('b'),
    raft.bootstrapCluster({ servers: [] }),
    raft.leadershipTransfer(),
    raft.leadershipTransferToServer('b', 'b'),
    raft.snapshot(),
    raft.restore({ version: 1, index: 1, size: 0 }, []),
  ]
  for (const call of calls) expect(await fate(call)).toBe('ERR_RAFT_SHUTDOWN rejected')
  expect(() => raft.getConfiguration()).toThrow('raft is already shutdown')
  expect(() => raft.reloadConfig(raft.reloadableConfig())).toThrow('raft is already shutdown')
  expect(raft.leader).toBeUndefined()
  expect(raft.failure).toBeUndefined()
  expect(String(raft)).toBe('Node at a [Shutdown]')
  const seen: ObservationData[] = []
  for await (const { data } of watching) seen.push(data)
  expect(seen).toEqual([
    { type: 'leader', leader: undefined },
    { type: 'state', state: 'Shutdown' },
  ])
  expect(await leading.next()).toEqual({ done: false, value: false })
  expect(await leading.next()).toEqual({ done: true, value: undefined })
  expect(await raft.observe().next()).toEqual({ done: true, value: undefined })
})

test('the transport is closed, and only the stores that are owned, after their last write', async () => {
  const cluster = new Cluster()
  const member = cluster.add('a')
  const closed: string[] = []
  const own = { close: () => void closed.push(`own, writing: ${writing}`) }
  let writing = false
  await member.start(cluster, { own: [own] })
  await cluster.wait(member.raft.bootstrapCluster({ servers: [{ suffrage: 'Voter', id: 'a', address: 'a' }] }))
  await cluster.leader()
  let finish = (): void => undefined
  member.store.gate = () => {
    writing = true
    return new Promise((resolve) => {
      finish = () => {
        writing = false
        resolve()
      }
    })
  }
  const applied = fate(member.raft.apply(bytes('x')))
  await cluster.clock.settle()
  const stopped = member.raft.shutdown()
  await cluster.clock.settle()
  expect(member.transport.closed).toBe(true)
  expect(closed).toEqual([])
  finish()
  await cluster.wait(stopped)
  expect(closed).toEqual(['own, writing: false'])
  expect(await applied).toBe('ERR_RAFT_SHUTDOWN unknown')
})

test('a call that hangs does not keep the node from shutting down', async () => {
  const { cluster, member } = await one()
  member.store.gate = () => new Promise(() => undefined)
  member.raft.apply(bytes('x')).catch(() => undefined)
  await cluster.clock.settle()
  await cluster.wait(member.raft.shutdown())
  expect(cluster.clock.pending).toBe(0)
})

test('requests that wait for an answer, and later ones, are told', async () => {
  const { cluster, member } = await one()
  member.store.gate = () => new Promise(() => undefined)
  const header = { protocolVersion: 3, id: bytes('b'), address: bytes('b') }
  const request = { header, term: 99, prevLogEntry: 0, prevLogTerm: 0, entries: [], leaderCommitIndex: 0 }
  const waiting = member.transport.receive('appendEntries', request)
  await cluster.clock.settle()
  const stopped = member.raft.shutdown()
  expect((await waiting).error?.message).toBe('raft is already shutdown')
  expect((await member.transport.receive('timeoutNow', { header })).error?.message).toBe('raft is already shutdown')
  await cluster.wait(stopped)
})

describe('a node stops itself', () => {
  async function failing(
    break_: (member: Member) => void,
  ): Promise<{ member: Member; seen: ObservationData[]; fates: string[] }> {
    const { cluster, member } = await one()
    const seen: ObservationData[] = []
    const watching = member.raft.observe()
    await cluster.wait(member.raft.apply(bytes('fine')))
    break_(member)
    const fates = [fate(member.raft.apply(bytes('bad'))), fate(member.raft.apply(bytes('after')))]
    await cluster.wait(Promise.all(fates))
    for await (const { data } of watching) seen.push(data)
    await cluster.wait(member.raft.shutdown())
    expect(member.raft.state).toBe('Shutdown')
    expect(await fate(member.raft.apply(bytes('late')))).toBe('ERR_RAFT_SHUTDOWN rejected')
    await expect(member.raft.apply(bytes('late'))).rejects.toMatchObject({ cause: member.raft.failure })
    expect(cluster.clock.pending).toBe(0)
    return { member, seen, fates: await Promise.all(fates) }
  }

  test('when a store fails', async () => {
    const { member, seen, fates } = await failing(({ store }) => {
      store.gate = () => Promise.reject(new Error('disk full'))
    })
    expect(member.raft.failure).toMatchObject({ code: 'ERR_RAFT_STORE', cause: { message: 'disk full' } })
    expect(fates).toEqual(['ERR_RAFT_SHUTDOWN unknown', 'ERR_RAFT_SHUTDOWN unknown'])
    expect(seen).toEqual([
      { type: 'failure', error: member.raft.failure },
      { type: 'leader', leader: undefined },
      { type: 'state', state: 'Shutdown' },
    ])
  })

  test('when the FSM throws, naming the entry', async () => {
    const { member, fates } = await failing(({ machine }) => {
      machine.apply = (log) => {
        throw new Error(`no ${new TextDecoder().decode(log.data)}`)
      }
    })
    expect(member.raft.failure).toMatchObject({ code: 'ERR_RAFT_FSM', index: 4 })
    expect(member.raft.failure?.message).toBe('the state machine failed on entry 4: no bad')
    expect(fates).toEqual(['ERR_RAFT_SHUTDOWN unknown', 'ERR_RAFT_SHUTDOWN unknown'])
  })

  test('when the FSM rejects', async () => {
    const { member } = await failing(({ machine }) => {
      machine.apply = () => Promise.reject(new Error('no'))
    })
    expect(member.raft.failure).toMatchObject({ code: 'ERR_RAFT_FSM', index: 4 })
  })
})

test('an Error that the FSM returns is an answer', async () => {
  const { cluster, member } = await one()
  const answer = new Error('no such key')
  member.machine.apply = () => answer as unknown as number
  expect((await cluster.wait(member.raft.apply(bytes('x')))).response).toBe(answer)
  await cluster.stop()
})

test('shutting down aborts a snapshot that is being written, and waits for it', async () => {
  const { cluster, member } = await one()
  await cluster.wait(member.raft.apply(bytes('x')))
  const trace: string[] = []
  member.machine.snapshot = (): FSMSnapshot => ({
    persist: (_sink, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          trace.push('aborted')
          reject(new Error('aborted'))
        })
      }),
    release: () => void trace.push('released'),
  })
  const taken = fate(member.raft.snapshot())
  await cluster.clock.settle()
  await cluster.wait(member.raft.shutdown())
  expect(trace).toEqual(['aborted', 'released'])
  expect(await taken).toBe('ERR_RAFT_SNAPSHOT undefined')
  expect(member.snapshots.stored).toEqual([])
})

test('await using shuts down', async () => {
  const cluster = new Cluster()
  const member = cluster.add('a')
  {
    await using raft = await member.start(cluster)
    expect(raft.state).toBe('Follower')
  }
  expect(member.raft.state).toBe('Shutdown')
  expect(new ListMachine().commands).toEqual([])
})
