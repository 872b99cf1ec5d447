import { deepEqual, ok } from 'node:assert/strict'
import type { FSMSnapshot } from '@raft/core'
import { MemorySink, snapshotOf } from '../state-machine/snapshot-bytes.ts'
import { WatchedSink } from '../state-machine/watched-sink.ts'
import { type ConformanceCase } from './case.ts'
import { type Copy, type StateMachineSubject } from './machine-subject.ts'

/** Chunks that may still be written once the signal is aborted. */
const LINGERING = 8

const never = new AbortController().signal

/** A sink that does something before each write is done. */
class HookedSink extends MemorySink {
  readonly #hook: (write: number) => Promise<void> | void
  writes = 0

  constructor(hook: (write: number) => Promise<void> | void) {
    super()
    this.#hook = hook
  }

  override async write(chunk: Uint8Array): Promise<void> {
    this.writes += 1
    await this.#hook(this.writes)
    await super.write(chunk)
  }
}

async function start(subject: StateMachineSubject): Promise<{ copy: Copy; snapshot: FSMSnapshot }> {
  const copy = await subject.copy('a copy')
  await subject.apply(copy, 1, subject.half)
  await subject.compare(copy, subject.half)
  return { copy, snapshot: await copy.time.run(() => copy.fsm.snapshot()) }
}

/** Whatever became of a snapshot: the machine goes on, and another snapshot can be taken and restored. */
async function goesOn(subject: StateMachineSubject, copy: Copy): Promise<void> {
  const last = subject.logs.length
  await subject.apply(copy, subject.half + 1, last)
  await subject.compare(copy, last)
  const restored = await subject.copy('a restored copy')
  await subject.restore(restored, last, await copy.time.run(() => snapshotOf(copy.fsm)))
  await subject.compare(restored, last)
}

/** Whether `persist` ended well. It may throw at once. */
async function outcome(persisting: () => unknown): Promise<'resolved' | 'rejected'> {
  try {
    await persisting()
    return 'resolved'
  } catch {
    return 'rejected'
  }
}

/** How a snapshot is written. */
export const machinePersistCases: readonly ConformanceCase<StateMachineSubject>[] = [
  {
    name: 'writes the state of when the snapshot was taken, while later commands are applied',
    async run(subject) {
      const { copy, snapshot } = await start(subject)
      let next = subject.half + 1
      const applyOne = async (): Promise<void> => {
        if (next <= subject.logs.length) await subject.apply(copy, next, next++)
      }
      await applyOne()
      const sink = new HookedSink(applyOne)
      await copy.time.run(() => snapshot.persist(sink, { signal: never }))
      await snapshot.release()
      const restored = await subject.copy('a copy that was restored from a snapshot written beside later commands')
      await subject.restore(restored, subject.half, sink.bytes)
      await subject.compare(restored, subject.half)
      await subject.apply(copy, next, subject.logs.length)
      await subject.apply(restored, subject.half + 1, subject.logs.length)
      await subject.compare(copy, subject.logs.length)
      await subject.compare(restored, subject.logs.length)
    },
  },
  {
    name: 'waits for each write, and neither writes nor closes out of order',
    async run(subject) {
      const { copy, snapshot } = await start(subject)
      let open = 0
      const sink = new HookedSink(async () => {
        open += 1
        ok(open === 1, 'persist writes the next chunk before the last one was written: await each write')
        await new Promise(setImmediate)
        open -= 1
      })
      const watched = new WatchedSink(sink)
      await copy.time.run(() => snapshot.persist(watched, { signal: never }))
      deepEqual([...watched.complaints()], [])
      ok(sink.state !== 'cancelled', 'persist does not cancel its sink if nothing is wrong with it')
      await snapshot.release()
      await goesOn(subject, copy)
    },
  },
  {
    name: 'rejects, or cancels the sink, if a write fails, and goes on',
    async run(subject) {
      const { copy, snapshot } = await start(subject)
      const sink = new HookedSink(() => Promise.reject(new Error('the disk is full')))
      const ended = await outcome(() => copy.time.run(() => snapshot.persist(sink, { signal: never })))
      await snapshot.release()
      const wrong = sink.writes > 0 && ended === 'resolved' && sink.state !== 'cancelled'
      ok(!wrong, 'persist resolved although a write had failed: a snapshot with a hole would be kept')
      await goesOn(subject, copy)
    },
  },
  {
    name: 'ends persist when its signal is aborted, and can be restored then',
    async run(subject) {
      const { copy, snapshot } = await start(subject)
      const newer = await subject.copy('a newer copy')
      await subject.apply(newer, 1, subject.logs.length)
      const bytes = await newer.time.run(() => snapshotOf(newer.fsm))
      const controller = new AbortController()
      const sink = new HookedSink(() => controller.abort(new Error('the leader has sent a newer state')))
      await outcome(() => copy.time.run(() => snapshot.persist(sink, { signal: controller.signal })))
      const more = sink.writes - 1
      ok(more <= LINGERING, `persist wrote ${more} more chunks after its signal was aborted: stop, and reject`)
      await snapshot.release()
      await subject.restore(copy, subject.logs.length, bytes)
      await subject.compare(newer, subject.logs.length)
      await subject.compare(copy, subject.logs.length)
    },
  },
  {
    name: 'may be released without having been written',
    async run(subject) {
      const { copy, snapshot } = await start(subject)
      await snapshot.release()
      await goesOn(subject, copy)
    },
  },
]
