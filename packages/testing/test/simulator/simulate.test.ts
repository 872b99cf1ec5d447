import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { describe, test } from 'vitest'
import { runSimulation, simulate, SimulationError } from '../../src/index.ts'
import { profiles, type ProfileName } from '../../src/simulator/profiles.ts'

describe('the same seed is the same run', () => {
  for (const seed of [1, 6, 9]) {
    test(`seed ${seed}, event for event`, async () => {
      const stories: string[][] = [[], []]
      const reports = []
      for (const story of stories) {
        reports.push(await runSimulation({ seed, duration: 15_000, tell: (line) => story.push(line) }))
      }
      deepEqual(stories[0], stories[1])
      deepEqual(reports[0], reports[1])
      const untold = await runSimulation({ seed, duration: 15_000 })
      equal(untold.hash, reports[0]!.hash, 'to listen changes nothing')
    })
  }

  test('another seed is another run', async () => {
    const [one, other] = [
      await runSimulation({ seed: 1, duration: 3_000 }),
      await runSimulation({ seed: 2, duration: 3_000 }),
    ]
    ok(one.hash !== other.hash)
  })
})

describe('without faults', () => {
  test('one leader is elected and stays, and everything is answered', async () => {
    const { elections, operations, committed } = await simulate({ seed: 3, faults: 'calm', duration: 30_000 })
    equal(elections, 1)
    equal(operations.unknown, 0)
    ok(operations.answered > 300 && committed > 150)
  })
})

describe('under faults', () => {
  const seeds = 10
  for (const profile of Object.keys(profiles) as ProfileName[]) {
    test(`${profile}: ${seeds} seeds`, { timeout: 60_000 }, async () => {
      for (let seed = 1; seed <= seeds; seed++) await simulate({ seed, faults: profile, duration: 20_000 })
    })
  }
})

test('a call of the state machine that failed is over: an older snapshot may follow (disks, seed 5003575)', async () => {
  const { faults } = await simulate({ seed: 5_003_575, faults: 'disks', duration: 60_000 })
  ok((faults.diskFailure ?? 0) > 0)
})

test('a lost restore, on a server that comes back late, ends with the next snapshot (restore, seed 7000014)', async () => {
  const { faults } = await simulate({ seed: 7_000_014, faults: 'restore', duration: 60_000 })
  ok((faults.restore ?? 0) > 0)
})

test('who is about to lose its vote does not keep those who keep theirs from winning (transfers, seed 9000621)', async () => {
  const { operations } = await simulate({ seed: 9_000_621, faults: 'transfers', duration: 60_000 })
  ok(operations.answered > 100)
})

test('a second copy of TimeoutNow that comes late is a reason to campaign (transfers, seed 950001037)', async () => {
  const { faults, elections } = await simulate({ seed: 950_001_037, faults: 'transfers', duration: 60_000 })
  ok((faults.transfer ?? 0) > 0)
  ok(elections > 37)
})

test('a read is not judged by a membership that died with the node (steps, seed 50000634)', async () => {
  const { faults } = await simulate({ seed: 50_000_634, faults: 'steps', duration: 60_000 })
  ok((faults.crashPoint ?? 0) > 0)
})

test('a majority is not healed while a vote of it is being taken (quorum, seed 50001503)', async () => {
  const { recoveries } = await simulate({ seed: 50_001_503, faults: 'quorum', duration: 60_000 })
  equal(recoveries.length, 1)
})

test('nobody moves while another may be about to lose its vote (churn, seed 70001413)', async () => {
  const { faults } = await simulate({ seed: 70_001_413, faults: 'churn', duration: 60_000 })
  ok((faults.move ?? 0) > 0)
})

test('a restore that comes when its leader leads no more undoes nothing (restore, seed 70003022)', async () => {
  const { faults } = await simulate({ seed: 70_003_022, faults: 'restore', duration: 60_000 })
  ok((faults.restore ?? 0) > 0)
})

test('bytes that never come keep no leader from restoring (restore, seed 90001550)', async () => {
  const { faults } = await simulate({ seed: 90_001_550, faults: 'restore', duration: 60_000 })
  ok((faults.restore ?? 0) > 10)
})

test('a restore that is stored when its leader leads no more is sent to nobody (restore, seed 120000993)', async () => {
  const { faults } = await simulate({ seed: 120_000_993, faults: 'restore', duration: 30_000 })
  ok((faults.restore ?? 0) > 5)
})

test('who was replaced may commit what a later restore has replaced (restore, seed 130000485)', async () => {
  const { faults } = await simulate({ seed: 130_000_485, faults: 'restore', duration: 60_000 })
  ok((faults.restore ?? 0) > 20)
})

test('a server that was away for long is tried again at once (quorum, seed 200001439)', async () => {
  const { recoveries } = await simulate({ seed: 200_001_439, faults: 'quorum', duration: 60_000 })
  ok(recoveries[0]! < 5)
})

test('a snapshot that was lost before all was healed has its time (quorum, seed 310000904)', async () => {
  const { recoveries } = await simulate({ seed: 310_000_904, faults: 'quorum', duration: 60_000 })
  ok(Math.max(...recoveries) > 9)
})

test('a log that is removed whole leaves no gap behind if that is interrupted (snapshots, seed 300003238)', async () => {
  const { faults } = await simulate({ seed: 300_003_238, faults: 'snapshots', duration: 60_000 })
  ok((faults.crashPoint ?? 0) > 5)
})

test('what an interrupted removal leaves behind a snapshot is not taken for its log (snapshots, seed 700000918)', async () => {
  const { faults } = await simulate({ seed: 700_000_918, faults: 'snapshots', duration: 60_000 })
  ok((faults.crashPoint ?? 0) > 5)
})

test('a majority stays whole in each membership that may yet count (rot, seed 30000872)', async () => {
  const { faults } = await simulate({ seed: 30_000_872, faults: 'rot', duration: 60_000 })
  ok((faults.bitRot ?? 0) > 0)
})

test('who says that a restore is done may die before anybody can look (restore, seed 20004206)', async () => {
  const { faults } = await simulate({ seed: 20_004_206, faults: 'restore', duration: 60_000 })
  ok((faults.crashPoint ?? 0) > 0)
})

test('a violation names the seed and the line that replays it', async () => {
  const lying = simulate({
    seed: 5,
    duration: 20_000,
    adjust: (plan) => ({ ...plan, diskKind: { liesFor: 500 }, rates: { ...plan.rates, powerCut: 2 } }),
  })
  await rejects(lying, (error) => {
    ok(error instanceof SimulationError)
    ok(error.message.includes('await simulate({ seed: 5, faults: "mixed", duration: 20000, adjust })'), error.message)
    equal(error.report.seed, 5)
    return true
  })
})
