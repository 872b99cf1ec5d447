import { snapshotOf, sourceOf } from '../state-machine/snapshot-bytes.ts'
import { type ConformanceCase } from './case.ts'
import { type Copy, type StateMachineSubject } from './machine-subject.ts'
import { rejects } from './snapshots.ts'

/** A copy that has applied the first commands. */
async function applied(subject: StateMachineSubject, through: number): Promise<Copy> {
  const copy = await subject.copy('a copy')
  await subject.apply(copy, 1, through)
  return copy
}

function snapshotAt({ fsm, time }: Copy): Promise<Uint8Array> {
  return time.run(() => snapshotOf(fsm))
}

/** Compares a copy that was restored at the index with one that was not, there and after all later commands. */
async function goesOn(subject: StateMachineSubject, original: Copy, restored: Copy, index: number): Promise<void> {
  const last = subject.logs.length
  await subject.compare(original, index)
  await subject.compare(restored, index)
  await subject.apply(original, index + 1, last)
  await subject.apply(restored, index + 1, last)
  await subject.compare(original, last)
  await subject.compare(restored, last)
}

/** What a snapshot holds, and what restoring it does. */
export const machineSnapshotCases: readonly ConformanceCase<StateMachineSubject>[] = [
  {
    name: 'restores a snapshot of a new copy',
    async run(subject) {
      const fresh = await subject.copy('a new copy')
      const restored = await subject.copy('a restored copy')
      await subject.restore(restored, 0, await snapshotAt(fresh))
      await goesOn(subject, fresh, restored, 0)
    },
  },
  {
    name: 'goes on from a restored snapshot as a copy does that was never restored',
    async run(subject) {
      for (const share of [0.1, 0.5, 0.9]) {
        const index = Math.ceil(subject.logs.length * share)
        const original = await applied(subject, index)
        const restored = await subject.copy('a restored copy')
        await subject.restore(restored, index, await snapshotAt(original))
        await goesOn(subject, original, restored, index)
      }
    },
  },
  {
    name: 'replaces whatever it held when it is restored',
    async run(subject) {
      const original = await applied(subject, subject.half)
      const restored = await applied(subject, subject.logs.length)
      await subject.restore(restored, subject.half, await snapshotAt(original))
      await goesOn(subject, original, restored, subject.half)
    },
  },
  {
    name: 'restores a large snapshot from chunks of any size, and a copy of a copy',
    async run(subject) {
      const last = subject.logs.length
      const original = await applied(subject, last)
      let bytes = await snapshotAt(original)
      await subject.compare(original, last)
      for (const sizes of [[1], [3, 1, 2], [7], [1_000, 1], [Math.max(1, bytes.length)]]) {
        const restored = await subject.copy(`a copy that was restored from chunks of ${sizes.join(', ')} bytes`)
        await subject.restore(restored, last, bytes, sizes)
        await subject.compare(restored, last)
        bytes = await snapshotAt(restored)
      }
    },
  },
  {
    name: 'rejects a restore whose bytes cannot be read to the end',
    async run(subject) {
      const bytes = await snapshotAt(await applied(subject, subject.half))
      const { fsm, time } = await subject.copy('a copy')
      const whole = sourceOf(bytes, [Math.max(1, bytes.length >>> 1)])
      const broken = async function* (): AsyncGenerator<Uint8Array> {
        for await (const chunk of whole) {
          yield chunk
          throw new Error('the disk has failed')
        }
        throw new Error('the disk has failed')
      }
      const under = broken()
      const source = { ...whole, [Symbol.asyncIterator]: () => under, unwrap: () => under }
      const restoring = async (): Promise<void> => await time.run(() => fsm.restore(source))
      await rejects(restoring, 'a restore whose source rejects')
    },
  },
]
