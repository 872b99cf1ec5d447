import { describe, expect, test } from 'vitest'
import { formatDuration } from '../../src/raft/go-format.ts'
import { type InvalidConfigError, validateConfig } from '../../src/raft/validate-config.ts'
import { type Config, defaultConfig } from '../../src/types/config.ts'
import { bytes, Cluster } from './harness/cluster.ts'

function complaints(changes: Partial<Config>): readonly string[] {
  try {
    validateConfig({ ...defaultConfig(), localID: 'a', ...changes })
    return []
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError)
    return (error as InvalidConfigError).complaints
  }
}

describe('a config is refused', () => {
  const cases: { changes: Partial<Config>; complaint: string }[] = [
    { changes: { protocolVersion: 0 }, complaint: 'ProtocolVersion 0 must be >= 1 and <= 3' },
    { changes: { protocolVersion: 4 }, complaint: 'ProtocolVersion 4 must be >= 1 and <= 3' },
    { changes: { localID: '' }, complaint: 'LocalID cannot be empty' },
    { changes: { heartbeatTimeout: 4, leaderLeaseTimeout: 4 }, complaint: 'HeartbeatTimeout is too low' },
    { changes: { electionTimeout: 4 }, complaint: 'ElectionTimeout is too low' },
    { changes: { electionTimeout: Number.NaN }, complaint: 'ElectionTimeout is too low' },
    { changes: { commitTimeout: 0.5 }, complaint: 'CommitTimeout is too low' },
    { changes: { maxAppendEntries: 0 }, complaint: 'MaxAppendEntries must be positive' },
    { changes: { maxAppendEntries: 1_025 }, complaint: 'MaxAppendEntries is too large' },
    { changes: { snapshotInterval: 4 }, complaint: 'SnapshotInterval is too low' },
    { changes: { leaderLeaseTimeout: 4 }, complaint: 'LeaderLeaseTimeout is too low' },
    {
      changes: { leaderLeaseTimeout: 1_500 },
      complaint: 'LeaderLeaseTimeout (1.5s) cannot be larger than heartbeat timeout (1s)',
    },
    {
      changes: { electionTimeout: 900 },
      complaint: 'ElectionTimeout (900ms) must be equal or greater than Heartbeat Timeout (1s)',
    },
  ]
  for (const { changes, complaint } of cases) {
    test(complaint, () => expect(complaints(changes)).toContain(complaint))
  }

  test('with all complaints at once', () => {
    expect(complaints({ localID: '', commitTimeout: 0, snapshotInterval: 0 })).toEqual([
      'LocalID cannot be empty',
      'CommitTimeout is too low',
      'SnapshotInterval is too low',
    ])
  })

  test('and the defaults are not, once there is an ID', () => expect(complaints({})).toEqual([]))
})

describe('durations are printed as Go prints them', () => {
  const cases: [number, string][] = [
    [0, '0s'],
    [0.000_001, '1ns'],
    [0.001_5, '1.5µs'],
    [12.345_678, '12.345678ms'],
    [1_000, '1s'],
    [1_500, '1.5s'],
    [61_000, '1m1s'],
    [3_600_000, '1h0m0s'],
    [90_061_000, '25h1m1s'],
    [-1_500, '-1.5s'],
  ]
  for (const [milliseconds, text] of cases) {
    test(text, () => expect(formatDuration(milliseconds)).toBe(text))
  }
})

test('what may change while running is changed together, or not at all', async () => {
  const cluster = await Cluster.start(1)
  const { raft } = await cluster.leader()
  const before = raft.reloadableConfig()
  expect(before).toEqual({
    trailingLogs: 10_240,
    snapshotInterval: 120_000,
    snapshotThreshold: 8_192,
    heartbeatTimeout: 1_000,
    electionTimeout: 1_000,
  })
  expect(() => raft.reloadConfig({ ...before, trailingLogs: 1, heartbeatTimeout: 400 })).toThrow(
    'LeaderLeaseTimeout (500ms) cannot be larger than heartbeat timeout (400ms)',
  )
  expect(raft.reloadableConfig()).toEqual(before)
  raft.reloadConfig({ ...before, trailingLogs: 1 })
  await cluster.wait(Promise.all(['a', 'b', 'c'].map((text) => raft.apply(bytes(text)))))
  await cluster.wait(raft.snapshot())
  expect([...cluster.members[0]!.store.entries.keys()]).toEqual([5])
  await cluster.stop()
})

test('later changes to the config that was given make no difference', async () => {
  const cluster = await Cluster.start(1)
  const member = await cluster.leader()
  await cluster.stop()
  const config = { ...defaultConfig(), localID: 'a' }
  await member.start(cluster, { config })
  config.localID = 'b'
  config.heartbeatTimeout = 1
  await cluster.leader()
  expect(member.raft.leader).toEqual({ id: 'a', address: 'a' })
  await cluster.stop()
})
