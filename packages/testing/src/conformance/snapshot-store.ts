import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import type { SnapshotStore } from '@raft/core'
import { type ConformanceCase, type ConformanceReport, registerCases, runCases, type TestFunction } from './case.ts'
import { snapshotCrashCases } from './snapshot-crashes.ts'
import { snapshotReadCases } from './snapshot-reading.ts'
import { cannotClose, describeSnapshot, isAbsent, newestIs, rejects, stateBytes, takeSnapshot } from './snapshots.ts'
import { cannotReopen, type StoreSetup, type StoreSubject, subjects } from './subject.ts'

/** A snapshot store under test. */
export type SnapshotStoreSubject = StoreSubject<SnapshotStore>

/** Why a case about what is kept is skipped. */
function keepsNothing({ store }: SnapshotStoreSubject): string | undefined {
  return store.capabilities?.discards === true ? 'the store declares that it discards snapshots' : undefined
}

const writingCases: readonly ConformanceCase<SnapshotStoreSubject>[] = [
  {
    name: 'declares the contract that it was written for',
    run: async ({ store }) => equal(store.capabilities?.contract ?? 1, 1),
  },
  {
    name: 'lists nothing when it is new, and opens nothing',
    async run({ store }) {
      deepEqual([...(await store.list())], [])
      await isAbsent(store, '1-1-1700000000000')
    },
  },
  {
    name: 'refuses a version that it cannot write',
    async run({ store }) {
      for (const version of [0, 2]) {
        await rejects(() => store.create({ ...describeSnapshot(1, 1), version }), `create with version ${version}`)
      }
    },
  },
  {
    name: 'discards what is written, if it declares that',
    exempt: (subject) => (keepsNothing(subject) === undefined ? 'the store keeps snapshots' : undefined),
    async run({ store }) {
      const id = await takeSnapshot(store, describeSnapshot(1, 3), stateBytes(100))
      deepEqual([...(await store.list())], [])
      await isAbsent(store, id)
    },
  },
  {
    name: 'shows a snapshot once it is closed, and not before',
    exempt: keepsNothing,
    async run({ store }) {
      const state = stateBytes(100)
      const sink = await store.create(describeSnapshot(3, 10))
      await isAbsent(store, sink.id)
      await sink.write(state)
      await isAbsent(store, sink.id)
      deepEqual([...(await store.list())], [])
      await sink.close()
      await newestIs(store, sink.id, describeSnapshot(3, 10), state)
    },
  },
  {
    name: 'keeps an empty state, and one that only empty chunks were written to',
    exempt: keepsNothing,
    async run({ store }) {
      const sink = await store.create(describeSnapshot(1, 1))
      await sink.close()
      await newestIs(store, sink.id, describeSnapshot(1, 1), stateBytes(0))
      const id = await takeSnapshot(store, describeSnapshot(1, 2), stateBytes(0))
      await newestIs(store, id, describeSnapshot(1, 2), stateBytes(0))
    },
  },
  {
    name: 'keeps legacy peers, and knows when there are none',
    exempt: keepsNothing,
    async run({ store }) {
      for (const [at, peers] of [Uint8Array.of(0x91, 0xa1, 0x61), undefined, Uint8Array.of(0xc0)].entries()) {
        const description = { ...describeSnapshot(1, at + 1), peers }
        await newestIs(store, await takeSnapshot(store, description, stateBytes(5)), description, stateBytes(5))
      }
    },
  },
  {
    name: 'keeps a membership without servers, and numbers up to 2^53 - 1',
    exempt: keepsNothing,
    async run({ store }) {
      const largest = Number.MAX_SAFE_INTEGER
      const description = {
        ...describeSnapshot(largest, largest),
        configuration: { servers: [] },
        configurationIndex: largest,
      }
      await newestIs(store, await takeSnapshot(store, description, stateBytes(5)), description, stateBytes(5))
    },
  },
  {
    name: 'keeps a state written in chunks of all sizes, whose bytes are used again after each write',
    exempt: keepsNothing,
    async run({ store }) {
      const state = stateBytes(1_500_000)
      const sink = await store.create(describeSnapshot(1, 1))
      const shared = new Uint8Array(1_000_000)
      let size = 1
      for (let at = 0; at < state.length; at += size, size = Math.min(size * 3, 800_000)) {
        const chunk = state.subarray(at, at + size)
        shared.set(chunk)
        await sink.write(shared.subarray(0, chunk.length))
        shared.fill(0xee)
      }
      await sink.close()
      await newestIs(store, sink.id, describeSnapshot(1, 1), state)
    },
  },
  {
    name: 'never shows a cancelled snapshot, and rejects its close',
    async run({ store }) {
      const sink = await store.create(describeSnapshot(1, 5))
      await sink.write(stateBytes(50))
      await sink.cancel()
      await isAbsent(store, sink.id)
      await cannotClose(sink)
      await cannotClose(sink)
      await isAbsent(store, sink.id)
      const unwritten = await store.create(describeSnapshot(1, 6))
      await unwritten.cancel()
      await cannotClose(unwritten)
    },
  },
  {
    name: 'does not mind a second close or cancel, nor cancel after close',
    exempt: keepsNothing,
    async run({ store }) {
      const state = stateBytes(50)
      const sink = await store.create(describeSnapshot(1, 5))
      await sink.write(state)
      await sink.close()
      await sink.close()
      await sink.cancel()
      await newestIs(store, sink.id, describeSnapshot(1, 5), state)
      const cancelled = await store.create(describeSnapshot(1, 6))
      await cancelled.cancel()
      await cancelled.cancel()
      await newestIs(store, sink.id, describeSnapshot(1, 5), state)
    },
  },
  {
    name: 'gives each snapshot an ID of its own, at the same index and term too',
    exempt: keepsNothing,
    async run({ store }) {
      const description = describeSnapshot(1, 1)
      const first = await takeSnapshot(store, description, stateBytes(10, 1))
      const second = await store.create(description)
      const third = await store.create(description)
      equal(new Set([first, second.id, third.id]).size, 3)
      await second.write(stateBytes(10, 2))
      await third.write(stateBytes(10, 3))
      await second.close()
      await third.close()
      notEqual((await store.list())[0]?.id, first)
    },
  },
]

const survivalCases: readonly ConformanceCase<SnapshotStoreSubject>[] = [
  {
    name: 'a closed snapshot is there after a reopening, and an unfinished one is not',
    exempt: (subject) => keepsNothing(subject) ?? cannotReopen(subject),
    async run(subject) {
      const state = stateBytes(100_000)
      const id = await takeSnapshot(subject.store, describeSnapshot(2, 8), state)
      const unfinished = await subject.store.create(describeSnapshot(2, 9))
      await unfinished.write(stateBytes(100_000))
      await subject.reopen()
      await newestIs(subject.store, id, describeSnapshot(2, 8), state)
      await isAbsent(subject.store, unfinished.id)
      ok((await subject.store.list()).every((meta) => meta.index === 8))
    },
  },
]

function cannotRemove({ store }: SnapshotStoreSubject): string | undefined {
  return store.remove === undefined ? 'the store has no remove' : undefined
}

const removalCases: readonly ConformanceCase<SnapshotStoreSubject>[] = [
  {
    name: 'removes the newest, and the one before it is the newest again, for good',
    exempt: (subject) => keepsNothing(subject) ?? cannotRemove(subject),
    async run(subject) {
      const state = stateBytes(1_000)
      const before = await takeSnapshot(subject.store, describeSnapshot(2, 8), state)
      const wrong = await takeSnapshot(subject.store, describeSnapshot(2, 900), stateBytes(10))
      await subject.store.remove?.(wrong)
      await subject.store.remove?.(wrong)
      await isAbsent(subject.store, wrong)
      await newestIs(subject.store, before, describeSnapshot(2, 8), state)
      if (cannotReopen(subject) !== undefined) return
      await subject.reopen()
      await isAbsent(subject.store, wrong)
      await newestIs(subject.store, before, describeSnapshot(2, 8), state)
    },
  },
]

/** The rules of `SnapshotStore`, as data. */
export const snapshotStoreCases: readonly ConformanceCase<SnapshotStoreSubject>[] = [
  ...writingCases,
  ...snapshotReadCases.map((one) => ({ ...one, exempt: keepsNothing })),
  ...survivalCases,
  ...removalCases,
  ...snapshotCrashCases.map((one) => ({
    ...one,
    exempt: (subject: SnapshotStoreSubject) => keepsNothing(subject) ?? one.exempt?.(subject),
  })),
]

/**
 * Tests a `SnapshotStore`: registers a test for each rule of its contract. One that declares that it discards snapshots
 * is exempt from what concerns keeping them; that is reported as skipped.
 */
export function testSnapshotStore<Store extends SnapshotStore>(test: TestFunction, setup: StoreSetup<Store>): void {
  registerCases(test, 'SnapshotStore', snapshotStoreCases, subjects<SnapshotStore>(setup))
}

/** Tests a `SnapshotStore` without a runner. */
export function checkSnapshotStore<Store extends SnapshotStore>(setup: StoreSetup<Store>): Promise<ConformanceReport> {
  return runCases('SnapshotStore', snapshotStoreCases, subjects<SnapshotStore>(setup))
}
