import { deepEqual, equal, fail, ok } from 'node:assert/strict'
import { type Awaitable, isRaftError, type Log, type LogStore } from '@raft/core'
import { type ConformanceCase } from './case.ts'
import { rottenImages } from './crash-images.ts'
import { entries, entry, fields, holds } from './entries.ts'
import { cannotWriteAtomically, type LogStoreSubject, stableOf, write } from './log-store-subject.ts'
import { hasNoFiles } from './subject.ts'

/** All that a log holds. */
async function contents(store: LogStore): Promise<readonly object[]> {
  const [first, last] = [await store.firstIndex(), await store.lastIndex()]
  const found: object[] = []
  for (let index = first; index > 0 && index <= last; index++) found.push(fields(await store.getLog(index)))
  return found
}

/** Which of two logs a store holds. Fails if it is neither. */
async function whichOf(store: LogStore, before: readonly Log[], after: readonly Log[]): Promise<readonly Log[]> {
  const found = JSON.stringify(await contents(store))
  for (const logs of [after, before]) if (found === JSON.stringify(logs.map(fields))) return logs
  const shown = (logs: readonly Log[]): string => `${logs[0]?.index ?? 'none'} to ${logs.at(-1)?.index ?? 'none'}`
  return fail(
    `the log holds neither what it held before the write (entries ${shown(before)}) nor what it holds after it ` +
      `(${shown(after)}), but entries ${await store.firstIndex()} to ${await store.lastIndex()}`,
  )
}

/** Does something, and looks at each state in which a power cut may leave it: all or nothing, and it goes on. */
async function allOrNothing(
  subject: LogStoreSubject,
  { before, after, act }: { before: readonly Log[]; after: readonly Log[]; act: (store: LogStore) => Awaitable<void> },
): Promise<void> {
  const images = await subject.cutShort(act)
  for (const [at, image] of images.entries()) {
    await subject.afterCrash(image, async (crashed) => {
      const held = await whichOf(crashed.store, before, after)
      if (at === images.length - 1) deepEqual(held, after, 'what was told to be stored is there')
      if (at === 0) deepEqual(held, before)
      const next = entry((held.at(-1)?.index ?? 0) + 1, 9)
      await crashed.store.storeLog(next)
      await holds(crashed.store, [...held, next], 'it goes on')
      if (!crashed.canReopen) return
      await crashed.reopen()
      await holds(crashed.store, [...held, next], 'it goes on, and keeps what it stored then')
    })
  }
}

/** What a power cut in the middle of a write leaves. */
export const logCrashCases: readonly ConformanceCase<LogStoreSubject>[] = [
  {
    name: 'a power cut while entries are stored leaves all of them or none, and the store goes on',
    exempt: hasNoFiles,
    async run(subject) {
      await subject.store.storeLogs(entries(1, 5))
      const [before, after] = [entries(1, 5), [...entries(1, 5), entry(6, 2, 40), entry(7, 2, 2_000), entry(8, 2)]]
      await allOrNothing(subject, { before, after, act: (store) => store.storeLogs(after.slice(5)) })
    },
  },
  {
    name: 'a power cut while the first entry of a new store is stored leaves it or none',
    exempt: hasNoFiles,
    run: (subject) =>
      allOrNothing(subject, { before: [], after: entries(1, 1), act: (store) => store.storeLog(entry(1)) }),
  },
  {
    name: 'a power cut while entries are replaced leaves the old ones or the new',
    exempt: hasNoFiles,
    async run(subject) {
      await subject.store.storeLogs(entries(1, 6))
      const after = [...entries(1, 3), ...entries(4, 6, 2)]
      await allOrNothing(subject, {
        before: entries(1, 6),
        after,
        act: (store) => store.storeLogs(entries(4, 6, 2)),
      })
    },
  },
  {
    name: 'a power cut while entries are removed leaves all of them or none: a prefix, and a suffix',
    exempt: hasNoFiles,
    async run(subject) {
      await subject.store.storeLogs(entries(1, 9))
      const [all, some, few] = [entries(1, 9), entries(4, 9), entries(4, 6)]
      await allOrNothing(subject, { before: all, after: some, act: (store) => store.deleteRange(1, 3) })
      await allOrNothing(subject, { before: some, after: few, act: (store) => store.deleteRange(7, 9) })
    },
  },
  {
    name: 'a power cut in the middle of write leaves all of it or nothing: the vote, the removal, and the entries',
    exempt: (subject) => hasNoFiles(subject) ?? cannotWriteAtomically(subject),
    async run(subject) {
      const vote = (term: number): { key: string; value: Uint8Array } => ({ key: 'vote', value: Uint8Array.of(term) })
      const withVote = stableOf(subject.store) !== undefined
      await write(subject.store, { ...(withVote && { set: [vote(1)] }), logs: entries(1, 6) })
      const images = await subject.cutShort((store) =>
        write(store, { ...(withVote && { set: [vote(2)] }), deleteFrom: 4, logs: entries(4, 5, 2) }),
      )
      const after = [...entries(1, 3), ...entries(4, 5, 2)]
      for (const image of images) {
        await subject.afterCrash(image, async (crashed) => {
          const held = await whichOf(crashed.store, entries(1, 6), after)
          const value = await stableOf(crashed.store)?.get('vote')
          if (withVote) equal(value?.[0], held === after ? 2 : 1, 'the vote goes with the entries')
        })
      }
    },
  },
  {
    name: 'neither gives out bytes that have changed on the disk as good, nor loses entries without a word',
    exempt: (subject) =>
      hasNoFiles(subject) ??
      (subject.crash?.detectsDamage === true ? undefined : 'the setup does not declare that damage is detected'),
    async run(subject) {
      const logs = [...entries(1, 3), entry(4, 1, 3_000), ...entries(5, 6)]
      for (const log of logs) await subject.store.storeLog(log)
      for (const image of rottenImages(await subject.image(), (file) => subject.order(file))) {
        let opened = false
        const looking = subject.afterCrash(image, async ({ store }) => {
          opened = true
          await holdsOrRefuses(store, logs)
        })
        await looking.catch((error: unknown) => {
          // Not to open is an answer.
          if (opened) throw error
        })
      }
    },
  },
]

/** Each entry is as it was, or refused; but for the last, which may look as if its write was cut short. */
async function holdsOrRefuses(store: LogStore, logs: readonly Log[]): Promise<void> {
  const [first, last] = [await store.firstIndex(), await store.lastIndex()]
  ok(first === 1 && last >= logs.length - 1, `it opens with entries ${first} to ${last} of ${logs.length}`)
  for (const log of logs.slice(0, last)) {
    try {
      deepEqual(fields(await store.getLog(log.index)), fields(log), `entry ${log.index} is as it was stored`)
    } catch (error) {
      if (!(error instanceof Error)) throw error
      ok(!isRaftError(error, 'ERR_RAFT_LOG_NOT_FOUND'), `it opens, and says that there is no entry ${log.index}`)
      if (error.name === 'AssertionError') throw error
    }
  }
}
