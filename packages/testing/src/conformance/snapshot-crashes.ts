import { deepEqual, ok } from 'node:assert/strict'
import type { SnapshotSink, SnapshotStore } from '@raft/core'
import { type ConformanceCase } from './case.ts'
import { rottenImages } from './crash-images.ts'
import { describeSnapshot, drain, isAbsent, newestIs, stateBytes, takeSnapshot } from './snapshots.ts'
import { hasNoFiles, type StoreSubject } from './subject.ts'

/** What a power cut leaves of snapshots. */
export const snapshotCrashCases: readonly ConformanceCase<StoreSubject<SnapshotStore>>[] = [
  {
    name: 'a power cut while a snapshot is written leaves the one before it, and another can be written',
    exempt: hasNoFiles,
    async run(subject) {
      const state = stateBytes(5_000)
      const id = await takeSnapshot(subject.store, describeSnapshot(2, 8), state)
      let unfinished: SnapshotSink | undefined
      const images = await subject.cutShort(async (store) => {
        const sink = await store.create(describeSnapshot(2, 9))
        unfinished = sink
        await sink.write(stateBytes(3_000, 2))
        await sink.write(stateBytes(300_000, 3))
      })
      for (const image of images) {
        await subject.afterCrash(image, async (crashed) => {
          await newestIs(crashed.store, id, describeSnapshot(2, 8), state)
          await isAbsent(crashed.store, unfinished!.id)
          const next = await takeSnapshot(crashed.store, describeSnapshot(3, 10), stateBytes(100))
          if (crashed.canReopen) await crashed.reopen()
          await newestIs(crashed.store, next, describeSnapshot(3, 10), stateBytes(100))
        })
      }
      await unfinished?.cancel()
    },
  },
  {
    name: 'a snapshot that was closed is there after a power cut',
    exempt: hasNoFiles,
    async run(subject) {
      const [state, newer] = [stateBytes(5_000), stateBytes(200_000, 4)]
      await takeSnapshot(subject.store, describeSnapshot(2, 8), state)
      const id = await takeSnapshot(subject.store, describeSnapshot(2, 9), newer)
      const image = { what: 'all of it is written', files: await subject.image() }
      await subject.afterCrash(image, ({ store }) => newestIs(store, id, describeSnapshot(2, 9), newer))
    },
  },
  {
    name: 'never gives out a state that has changed on the disk as good',
    exempt: (subject) =>
      hasNoFiles(subject) ??
      (subject.crash?.detectsDamage === true ? undefined : 'the setup does not declare that damage is detected'),
    async run(subject) {
      const state = stateBytes(5_000)
      const id = await takeSnapshot(subject.store, describeSnapshot(2, 8), state)
      for (const { what, files } of rottenImages(await subject.image(), (file) => subject.order(file))) {
        let opened = false
        const looking = subject.afterCrash({ what, files }, async ({ store }) => {
          opened = true
          const read = await stateOf(store, id)
          if (read !== undefined) ok(Buffer.from(state).equals(read), 'the state is as it was written')
          for (const { index, term } of await store.list()) deepEqual({ index, term }, { index: 8, term: 2 })
        })
        await looking.catch((error: unknown) => {
          // Not to open is an answer.
          if (opened) throw error
        })
      }
    },
  },
]

/** The bytes of a snapshot; undefined if it is refused. */
async function stateOf(store: SnapshotStore, id: string): Promise<Buffer | undefined> {
  try {
    const reader = await store.open(id)
    try {
      return await drain(reader)
    } finally {
      await reader.close()
    }
  } catch {
    return undefined
  }
}
