import { describe, expect, test } from 'vitest'
import { bootstrapCluster, hasExistingState } from '../../src/raft/bootstrap.ts'
import { getConfiguration } from '../../src/raft/offline-configuration.ts'
import { recoverCluster } from '../../src/raft/recover.ts'
import { decodeVote, encodeVote, VOTE_KEY } from '../../src/raft/vote-record.ts'
import { type Log, LogType } from '../../src/types/log.ts'
import { encodeConfiguration } from '../../src/wire/codec/configuration.ts'
import { bytes, Cluster, type Member } from './harness/cluster.ts'
import { ListMachine } from './harness/list-machine.ts'

const servers = [{ suffrage: 'Voter' as const, id: 'a', address: 'a' }]

function command(index: number, term: number, text = `${index}`): Log {
  return { index, term, type: LogType.Command, data: bytes(text) }
}

function configuration(index: number, term: number): Log {
  return { index, term, type: LogType.Configuration, data: encodeConfiguration({ servers }) }
}

/** A server that is not started, and the means to put things into its stores. */
function stopped(): { cluster: Cluster; member: Member } {
  const cluster = new Cluster()
  const member = cluster.add('a')
  member.transport = cluster.network.transport('a')
  return { cluster, member }
}

function addSnapshot(member: Member, index: number, term: number): string {
  const sink = member.snapshots.create({ version: 1, index, term, configuration: { servers }, configurationIndex: 1 })
  void sink.write(bytes(JSON.stringify([`through ${index}`])))
  void sink.close()
  return sink.id
}

describe('what the stores hold', () => {
  test('the newest snapshot is restored, and the log after it counts', async () => {
    const { cluster, member } = stopped()
    await member.store.storeLogs([configuration(1, 1), command(2, 1), command(3, 2), command(4, 3)])
    addSnapshot(member, 3, 2)
    const raft = await member.start(cluster)
    expect(member.machine.commands).toEqual(['through 3'])
    expect(raft).toMatchObject({ appliedIndex: 3, commitIndex: 3, lastIndex: 4, currentTerm: 3 })
    expect(raft.getConfiguration().index).toBe(1)
    await cluster.stop()
  })

  test('the term is the larger one of the vote and the last entry', async () => {
    const { cluster, member } = stopped()
    await member.store.set(VOTE_KEY, encodeVote({ term: 7, candidate: { id: 'b', address: 'b' } }))
    await member.store.storeLogs([configuration(1, 1), command(2, 5)])
    expect((await member.start(cluster)).currentTerm).toBe(7)
    await cluster.stop()
  })

  test('a log that does not go on from the snapshot is removed: the crash came between the two', async () => {
    const { cluster, member } = stopped()
    await member.store.storeLogs([configuration(1, 1), command(2, 1)])
    addSnapshot(member, 9, 4)
    const raft = await member.start(cluster)
    expect(raft).toMatchObject({ lastIndex: 9, appliedIndex: 9 })
    expect(member.store.entries.size).toBe(0)
    await cluster.leader()
    expect([...member.store.entries.keys()]).toEqual([10])
    await cluster.stop()
  })

  test('of a log with the gap of a committed restore only what follows it counts', async () => {
    const { cluster, member } = stopped()
    await member.store.storeLogs([configuration(1, 1), command(2, 1), command(51, 2), command(52, 2)])
    addSnapshot(member, 50, 2)
    const raft = await member.start(cluster)
    expect(raft).toMatchObject({ lastIndex: 52, appliedIndex: 50 })
    expect([...member.store.entries.keys()]).toEqual([51, 52])
    await cluster.stop()
  })

  test('the FSM keeps its own state if it says so', async () => {
    const { cluster, member } = stopped()
    addSnapshot(member, 3, 2)
    member.config.noSnapshotRestoreOnStart = true
    const raft = await member.start(cluster)
    expect(member.machine.commands).toEqual([])
    expect(raft.appliedIndex).toBe(3)
    await cluster.stop()
  })

  test('an older snapshot will do if the log holds everything since', async () => {
    const { cluster, member } = stopped()
    await member.store.storeLogs([configuration(1, 1), command(2, 1), command(3, 1), command(4, 1)])
    addSnapshot(member, 2, 1)
    member.snapshots.damaged.add(addSnapshot(member, 4, 1))
    await member.start(cluster)
    expect(member.machine.commands).toEqual(['through 2'])
    await cluster.leader()
    expect(member.machine.commands).toEqual(['through 2', '3', '4'])
    await cluster.stop()
  })
})

describe('a node that cannot start says why, and touches nothing it was given', () => {
  const cases: { why: string; error: RegExp; code: string; prepare: (member: Member) => unknown }[] = [
    {
      why: 'an older snapshot would leave a gap (Q20)',
      error: /failed to load any existing snapshots \(1-4-2: snapshot 1-4-2 cannot be read\)/,
      code: 'ERR_RAFT_START',
      prepare: async (member) => {
        await member.store.storeLogs([command(4, 1), command(5, 1)])
        addSnapshot(member, 2, 1)
        member.snapshots.damaged.add(addSnapshot(member, 4, 1))
      },
    },
    {
      why: 'entries are missing between snapshot and log',
      error: /the log begins at index 6 but the newest snapshot ends at 2: entries 3 to 5 are missing/,
      code: 'ERR_RAFT_START',
      prepare: async (member) => {
        await member.store.storeLogs([command(6, 1)])
        addSnapshot(member, 2, 1)
      },
    },
    {
      why: 'an entry is missing within the log',
      error: /entry 2 of the log is damaged: it is missing/,
      code: 'ERR_RAFT_CORRUPT',
      prepare: (member) => member.store.storeLogs([configuration(1, 1), command(3, 1)]),
    },
    {
      why: 'terms go backwards',
      error: /entry 2 of the log is damaged: its term 1 is below 2, the term before it/,
      code: 'ERR_RAFT_CORRUPT',
      prepare: (member) => member.store.storeLogs([configuration(1, 2), command(2, 1)]),
    },
    {
      why: 'a configuration cannot be read',
      error: /entry 1 of the log is damaged/,
      code: 'ERR_RAFT_CORRUPT',
      prepare: (member) =>
        member.store.storeLogs([{ index: 1, term: 1, type: LogType.Configuration, data: bytes('\xff') }]),
    },
    {
      why: 'the vote is damaged',
      error: /VoteState in the stable store is damaged: its version is 9/,
      code: 'ERR_RAFT_CORRUPT',
      prepare: (member) => member.store.set(VOTE_KEY, new Uint8Array(12).fill(9)),
    },
    {
      why: 'a store fails',
      error: /failed to get log at index 1: no disk/,
      code: 'ERR_RAFT_STORE',
      prepare: async (member) => {
        await member.store.storeLogs([configuration(1, 1)])
        member.store.readError = new Error('no disk')
      },
    },
    {
      why: 'the store is of another contract',
      error: /the log store was written for version 2 of the contract and this release of @raft\/core has version 1/,
      code: 'ERR_RAFT_START',
      prepare: (member) => {
        member.store.capabilities = { contract: 2 as unknown as 1 }
      },
    },
  ]
  for (const { why, error, code, prepare } of cases) {
    test(why, async () => {
      const { cluster, member } = stopped()
      await prepare(member)
      const entries = new Map(member.store.entries)
      const starting = member.start(cluster)
      await expect(starting).rejects.toThrow(error)
      await expect(starting).rejects.toMatchObject({ code })
      expect(member.transport.closed).toBe(false)
      expect(member.store.entries).toEqual(entries)
      expect(cluster.clock.pending).toBe(0)
    })
  }

  test('an ID is the address below protocol version 3', async () => {
    const cluster = new Cluster()
    const member = cluster.add('a', { protocolVersion: 2, localID: 'b' })
    const expected = 'when running with ProtocolVersion < 3, LocalID must be set to the network address'
    await expect(member.start(cluster)).rejects.toThrow(expected)
  })
})

describe('the first configuration', () => {
  test('is stored once, the same on every server', async () => {
    const { cluster, member } = stopped()
    expect(await hasExistingState(cluster.optionsFor(member))).toBe(false)
    await bootstrapCluster({ ...cluster.optionsFor(member), configuration: { servers } })
    expect(await hasExistingState(cluster.optionsFor(member))).toBe(true)
    expect([...member.store.entries.values()]).toEqual([configuration(1, 1)])
    expect(decodeVote(member.store.get(VOTE_KEY))).toEqual({ term: 1 })
    const again = bootstrapCluster({ ...cluster.optionsFor(member), configuration: { servers } })
    await expect(again).rejects.toMatchObject({ code: 'ERR_RAFT_CANT_BOOTSTRAP' })
  })

  test('is a legacy entry below protocol version 3', async () => {
    const { cluster, member } = stopped()
    const options = cluster.optionsFor(member)
    const config = { ...options.config, protocolVersion: 2 }
    await bootstrapCluster({ ...options, config, configuration: { servers } })
    expect(member.store.getLog(1)).toEqual({
      index: 1,
      term: 1,
      type: LogType.RemovePeerDeprecated,
      data: Uint8Array.of(0x91, 0xa1, 0x61),
    })
    expect(await getConfiguration({ ...options, config })).toEqual({ configuration: { servers }, index: 1 })
  })

  test('is refused if it is none', async () => {
    const { cluster, member } = stopped()
    const empty = bootstrapCluster({ ...cluster.optionsFor(member), configuration: { servers: [] } })
    await expect(empty).rejects.toThrow('need at least one voter in configuration: {[]}')
    expect(member.store.entries.size).toBe(0)
  })

  test('can be given to a running node', async () => {
    const { cluster, member } = stopped()
    const raft = await member.start(cluster)
    const other = [{ suffrage: 'Voter' as const, id: 'b', address: 'b' }]
    await expect(cluster.wait(raft.bootstrapCluster({ servers: other }))).rejects.toMatchObject({
      code: 'ERR_RAFT_NOT_VOTER',
    })
    await cluster.wait(raft.bootstrapCluster({ servers }))
    await cluster.leader()
    await expect(cluster.wait(raft.bootstrapCluster({ servers }))).rejects.toMatchObject({
      code: 'ERR_RAFT_CANT_BOOTSTRAP',
    })
    await cluster.stop()
  })
})

test('the configuration of a stopped server is read without changing anything', async () => {
  const { cluster, member } = stopped()
  const options = cluster.optionsFor(member)
  expect(await getConfiguration(options)).toEqual({ configuration: { servers: [] }, index: 0 })
  addSnapshot(member, 9, 4)
  await member.store.storeLogs([configuration(1, 1), command(2, 1)])
  member.store.writes.length = 0
  expect(await getConfiguration(options)).toEqual({ configuration: { servers }, index: 1 })
  expect(member.store.writes).toEqual([])
  expect(member.machine.commands).toEqual([])
  // Q9: the same options start a node afterwards.
  await member.start(cluster)
  await cluster.leader()
  await cluster.stop()
})

describe('recovery by hand', () => {
  test('makes everything in the log permanent, under the new configuration', async () => {
    const { cluster, member } = stopped()
    await member.store.storeLogs([configuration(1, 1), command(2, 1, 'x'), command(3, 2, 'y'), command(4, 3, 'z')])
    const configurationOfOne = { servers: [...servers, { suffrage: 'Nonvoter' as const, id: 'n', address: 'n' }] }
    const fsm = new ListMachine()
    await recoverCluster({ ...cluster.optionsFor(member), fsm, configuration: configurationOfOne })
    expect(fsm.commands).toEqual(['x', 'y', 'z'])
    expect(member.store.entries.size).toBe(0)
    const raft = await member.start(cluster)
    expect(member.machine.commands).toEqual(['x', 'y', 'z'])
    expect(raft.getConfiguration()).toEqual({ configuration: configurationOfOne, index: 1 })
    expect(raft).toMatchObject({ lastIndex: 4, currentTerm: 3 })
    await cluster.leader()
    await cluster.stop()
  })

  test('is refused where there is nothing', async () => {
    const { cluster, member } = stopped()
    const recovering = recoverCluster({ ...cluster.optionsFor(member), configuration: { servers } })
    await expect(recovering).rejects.toThrow(
      'refused to recover cluster with no initial state, this is probably an operator error',
    )
  })

  test('leaves the log if the snapshot cannot be written', async () => {
    const { cluster, member } = stopped()
    await member.store.storeLogs([configuration(1, 1), command(2, 1)])
    member.snapshots.createError = new Error('full')
    const recovering = recoverCluster({ ...cluster.optionsFor(member), configuration: { servers } })
    await expect(recovering).rejects.toThrow('failed to create snapshot: full')
    expect(member.store.entries.size).toBe(2)
  })
})

test('the vote is read back as it was written', () => {
  const votes = [
    { term: 0 },
    { term: 2 ** 53 - 1, candidate: { id: 'é', address: 'host:1' } },
    { term: 2 ** 32, candidate: { id: '', address: '' } },
    { term: 5, provisional: { index: 2 ** 33 + 1, term: 5 } },
    { term: 5, candidate: { id: 'a', address: 'b' }, provisional: { index: 7, term: 5 } },
  ]
  for (const vote of votes) expect(decodeVote(encodeVote(vote))).toEqual(vote)
  expect(decodeVote(undefined)).toEqual({ term: 0 })
  const good = encodeVote({ term: 1, candidate: { id: 'a', address: 'b' } })
  for (const bad of [
    good.subarray(0, 11),
    good.map((byte, at) => (at === 4 ? 0xff : byte)),
    good.map((byte, at) => (at === 2 ? 0xff : byte)),
  ]) {
    expect(() => decodeVote(bad)).toThrow(/is damaged/)
  }
})
