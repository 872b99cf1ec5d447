import { describe, expect, test } from 'vitest'
import type { FSMSnapshot } from '../../src/interfaces/fsm.ts'
import type { SnapshotSink } from '../../src/interfaces/snapshot-store.ts'
import type { Config } from '../../src/types/config.ts'
import { bytes, Cluster, type Member } from './harness/cluster.ts'

async function one(config: Partial<Config> = {}): Promise<{ cluster: Cluster; member: Member }> {
  const cluster = await Cluster.start(1, { trailingLogs: 0, ...config })
  const member = await cluster.leader()
  await cluster.wait(Promise.all(['a', 'b', 'c'].map((text) => member.raft.apply(bytes(text)))))
  return { cluster, member }
}

/** Makes the FSM's next snapshots do that when they are to be written. */
function persisting(member: Member, persist: FSMSnapshot['persist']): { released: number } {
  const count = { released: 0 }
  member.machine.snapshot = () => ({
    persist,
    release: () => {
      count.released += 1
    },
  })
  return count
}

test('a snapshot has everything applied, its configuration, and compacts the log', async () => {
  const { cluster, member } = await one()
  const { meta, open } = await cluster.wait(member.raft.snapshot())
  expect(meta).toMatchObject({ version: 1, index: 5, term: member.raft.currentTerm, configurationIndex: 1, size: 13 })
  expect(meta.configuration.servers).toEqual([{ suffrage: 'Voter', id: 'a', address: 'a' }])
  expect(meta.peers).toEqual(Uint8Array.of(0x91, 0xa1, 0x61))
  const reader = await open()
  const chunks: Uint8Array[] = []
  for await (const chunk of reader) chunks.push(chunk)
  expect(Buffer.concat(chunks).toString()).toBe('["a","b","c"]')
  expect([...member.store.entries.keys()]).toEqual([])
  await expect(cluster.wait(member.raft.snapshot())).rejects.toMatchObject({ code: 'ERR_RAFT_NOTHING_NEW_TO_SNAPSHOT' })
  await cluster.stop()
})

test('the configuration is that of the snapshot, not a later one', async () => {
  const { cluster, member } = await one()
  let finish = (): void => undefined
  persisting(member, () => new Promise<void>((resolve) => (finish = resolve)))
  const taken = member.raft.snapshot()
  await cluster.clock.settle()
  await cluster.wait(member.raft.addNonvoter('b', 'b'))
  finish()
  const { meta } = await cluster.wait(taken)
  expect(meta.configuration.servers).toHaveLength(1)
  expect(meta.configurationIndex).toBe(1)
  await cluster.stop()
})

describe('no snapshot, and the log is kept', () => {
  const cases: { why: string; error: string; persist: FSMSnapshot['persist'] }[] = [
    {
      why: 'persist rejects',
      error: 'failed to persist snapshot: no',
      persist: () => Promise.reject(new Error('no')),
    },
    {
      why: 'persist cancels the sink and says nothing (Q6)',
      error: 'is cancelled',
      persist: (sink: SnapshotSink) => sink.cancel(),
    },
  ]
  for (const { why, error, persist } of cases) {
    test(why, async () => {
      const { cluster, member } = await one()
      const count = persisting(member, persist)
      await expect(cluster.wait(member.raft.snapshot())).rejects.toThrow(error)
      expect(member.snapshots.stored).toEqual([])
      expect(member.store.entries.size).toBe(5)
      expect(count.released).toBe(1)
      await cluster.stop()
    })
  }

  test('the FSM cannot begin', async () => {
    const { cluster, member } = await one()
    member.machine.snapshot = () => Promise.reject(new Error('busy'))
    await expect(cluster.wait(member.raft.snapshot())).rejects.toThrow('failed to start snapshot: busy')
    await cluster.wait(member.raft.apply(bytes('d')))
    await cluster.stop()
  })

  test('the store cannot begin', async () => {
    const { cluster, member } = await one()
    const count = persisting(member, () => undefined)
    member.snapshots.createError = new Error('full')
    await expect(cluster.wait(member.raft.snapshot())).rejects.toThrow('failed to create snapshot: full')
    expect(count.released).toBe(1)
    await cluster.stop()
  })
})

test('persist may close the sink itself', async () => {
  const { cluster, member } = await one()
  persisting(member, async (sink) => {
    await sink.write(bytes('[]'))
    await sink.close()
  })
  expect((await cluster.wait(member.raft.snapshot())).meta.size).toBe(2)
  await cluster.stop()
})

test('commands are applied while a snapshot is written, and a second one waits', async () => {
  const { cluster, member } = await one()
  let finish = (): void => undefined
  persisting(member, () => new Promise<void>((resolve) => (finish = resolve)))
  const first = member.raft.snapshot()
  await cluster.clock.settle()
  expect((await cluster.wait(member.raft.apply(bytes('d')))).response).toBe(4)
  persisting(member, () => undefined)
  const second = member.raft.snapshot()
  await cluster.clock.settle()
  expect(member.snapshots.stored).toEqual([])
  finish()
  expect((await cluster.wait(first)).meta.index).toBe(5)
  expect((await cluster.wait(second)).meta.index).toBe(6)
  await cluster.stop()
})

test('one is taken when the interval is over and enough has been logged', async () => {
  const { cluster, member } = await one({ snapshotInterval: 1_000, snapshotThreshold: 5 })
  await cluster.clock.advance(2_000)
  expect(member.snapshots.stored.map(({ meta }) => meta.index)).toEqual([5])
  await cluster.wait(Promise.all(['d', 'e', 'f', 'g'].map((text) => member.raft.apply(bytes(text)))))
  await cluster.clock.advance(2_000)
  expect(member.snapshots.stored).toHaveLength(1)
  member.raft.reloadConfig({ ...member.raft.reloadableConfig(), snapshotThreshold: 4 })
  await cluster.clock.advance(2_000)
  expect(member.snapshots.stored.map(({ meta }) => meta.index)).toEqual([9, 5])
  await cluster.stop()
})

test('a snapshot that arrives aborts one that is being written, and waits for it', async () => {
  const cluster = await Cluster.start(3, { trailingLogs: 0 })
  const leader = await cluster.leader()
  await cluster.wait(leader.raft.apply(bytes('a')))
  await cluster.clock.advance(500)
  const follower = cluster.members.find((member) => member !== leader)!
  const trace: string[] = []
  let finish = (): void => undefined
  persisting(follower, (_sink, { signal }) => {
    signal.addEventListener('abort', () => trace.push('aborted'))
    return new Promise<void>((resolve) => {
      finish = () => {
        trace.push('persist ended')
        resolve()
      }
    })
  })
  const restore = follower.machine.restore.bind(follower.machine)
  follower.machine.restore = (source) => {
    trace.push('restore')
    return restore(source)
  }
  const taken = follower.raft.snapshot()
  taken.catch(() => undefined)
  await cluster.clock.settle()
  cluster.network.cut.add(follower.id)
  await cluster.wait(leader.raft.apply(bytes('b')))
  await cluster.wait(leader.raft.snapshot())
  cluster.network.cut.clear()
  await cluster.clock.until(() => trace.includes('aborted'))
  await cluster.clock.advance(100)
  expect(trace).toEqual(['aborted'])
  finish()
  await expect(cluster.wait(taken)).rejects.toMatchObject({ code: 'ERR_RAFT_SNAPSHOT' })
  await cluster.clock.until(() => follower.machine.commands.length === 2)
  expect(trace).toEqual(['aborted', 'persist ended', 'restore'])
  await cluster.stop()
})

test('what the FSM restores from is counted', async () => {
  const { cluster, member } = await one()
  await cluster.wait(member.raft.snapshot())
  await cluster.stop()
  const seen: unknown[] = []
  const { machine } = member
  await member.start(cluster, {
    fsm: {
      apply: (log) => machine.apply(log),
      snapshot: () => machine.snapshot(),
      restore: async (source) => {
        seen.push(source.bytesRead, source.size)
        await machine.restore(source)
        seen.push(source.bytesRead, source.unwrap() === source)
      },
    },
  })
  expect(seen).toEqual([0, 13, 13, false])
  await cluster.leader()
  await cluster.stop()
})

describe('receiving a snapshot', () => {
  const header = { protocolVersion: 3, id: bytes('b'), address: bytes('b') }
  const request = {
    header,
    snapshotVersion: 1,
    term: 50,
    lastLogIndex: 40,
    lastLogTerm: 49,
    configuration: Uint8Array.of(0x81, 0xa7, ...bytes('Servers'), 0x90),
    configurationIndex: 3,
    size: 6,
  }

  async function* data(...texts: string[]): AsyncGenerator<Uint8Array> {
    for (const text of texts) yield bytes(text)
  }

  test('restores it and answers', async () => {
    const { cluster, member } = await one()
    const answer = cluster.wait(member.transport.receive('installSnapshot', request, data('["', 'x"]', ' ')))
    expect(await answer).toMatchObject({ response: { term: 50, success: true, header: { id: bytes(member.id) } } })
    expect(member.machine.commands).toEqual(['x'])
    expect(member.raft.appliedIndex).toBe(40)
    expect(member.raft.getConfiguration()).toEqual({ configuration: { servers: [] }, index: 3 })
    await cluster.stop()
  })

  test('bytes that never come are waited for until there is a newer term: its leader can restore', async () => {
    const { cluster, member } = await one()
    async function* stuck(): AsyncGenerator<Uint8Array> {
      yield bytes('["')
      await new Promise(() => {})
    }
    const answer = member.transport.receive('installSnapshot', request, stuck())
    await cluster.clock.settle()
    expect(member.raft.state).toBe('Follower')
    await cluster.leader()
    expect((await cluster.wait(answer)).error?.message).toContain('there is a newer term')
    expect(member.snapshots.stored).toEqual([])
    await cluster.wait(member.raft.restore({ version: 1, index: 3, size: 5 }, [bytes('["x"]')]))
    expect(member.machine.commands).toEqual(['x'])
    await cluster.stop()
  })

  test('bytes that never come do not keep the node from being shut down', async () => {
    const { cluster, member } = await one()
    async function* stuck(): AsyncGenerator<Uint8Array> {
      yield await new Promise<Uint8Array>(() => {})
    }
    void member.transport.receive('installSnapshot', request, stuck())
    await cluster.clock.settle()
    await cluster.wait(member.raft.shutdown())
    expect(member.snapshots.stored).toEqual([])
  })

  const refused = [
    { why: 'too few bytes', request, chunks: ['["'], error: 'short read' },
    { why: 'too many bytes', request, chunks: ['["x"]', '  '], error: 'more than the 6 bytes announced' },
    {
      why: 'an unknown version',
      request: { ...request, snapshotVersion: 2 },
      chunks: [],
      error: 'unsupported snapshot version 2',
    },
    {
      why: 'an undecodable configuration',
      request: { ...request, configuration: Uint8Array.of(0xff) },
      chunks: [],
      error: 'failed to decode peers: ',
    },
    {
      why: 'an unsupported protocol version',
      request: { ...request, header: { ...header, protocolVersion: 1 } },
      chunks: [],
      error: 'operation not supported with current protocol version',
    },
  ]
  for (const each of refused) {
    test(`${each.why} is refused`, async () => {
      const { cluster, member } = await one()
      const answer = await cluster.wait(member.transport.receive('installSnapshot', each.request, data(...each.chunks)))
      expect(answer.error?.message).toContain(each.error)
      expect(member.machine.commands).toEqual(['a', 'b', 'c'])
      expect(member.snapshots.stored).toEqual([])
      await cluster.stop()
    })
  }
})
