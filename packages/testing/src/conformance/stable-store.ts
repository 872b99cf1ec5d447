import { deepEqual, equal, ok } from 'node:assert/strict'
import type { StableStore } from '@raft/core'
import { type ConformanceCase, type ConformanceReport, registerCases, runCases, type TestFunction } from './case.ts'
import { cannotReopen, hasNoFiles, type StoreSetup, type StoreSubject, subjects } from './subject.ts'

const numbers = [1, 0, 255, 256, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 48 + 3, Number.MAX_SAFE_INTEGER]
const keys = ['CurrentTerm', 'a', 'A', 'a b', 'ключ', '\u{1f5dd}', '__proto__', 'constructor', 'x'.repeat(200)]

async function holdsValue(store: StableStore, key: string, expected: readonly number[]): Promise<void> {
  const value = await store.get(key)
  deepEqual(value === undefined ? undefined : [...value], [...expected], `the value of ${key}`)
}

/** The rules of `StableStore`, as data. */
export const stableStoreCases: readonly ConformanceCase<StoreSubject<StableStore>>[] = [
  {
    name: 'answers undefined and 0 for what was never set',
    async run({ store }) {
      equal(await store.get('missing'), undefined)
      equal(await store.getUint64('missing'), 0)
    },
  },
  {
    name: 'keeps a value, and replaces it by a longer and a shorter one',
    async run({ store }) {
      for (const value of [[1, 2], [1, 2, 3, 4, 5], [9]]) {
        await store.set('vote', Uint8Array.from(value))
        await holdsValue(store, 'vote', value)
      }
    },
  },
  {
    name: 'tells an empty value from a missing one',
    async run({ store }) {
      await store.set('empty', new Uint8Array(0))
      await holdsValue(store, 'empty', [])
    },
  },
  {
    name: 'keeps numbers from 0 to 2^53 - 1',
    async run({ store }) {
      for (const number of numbers) {
        await store.setUint64('term', number)
        equal(await store.getUint64('term'), number)
      }
    },
  },
  {
    name: 'keeps each key apart, whatever its letters',
    async run({ store }) {
      for (const [at, key] of keys.entries()) await store.set(key, Uint8Array.of(at))
      for (const [at, key] of keys.entries()) await holdsValue(store, key, [at])
      await store.setUint64('number', 7)
      for (const [at, key] of keys.entries()) await holdsValue(store, key, [at])
    },
  },
  {
    name: 'keeps a value of 64 KiB',
    async run({ store }) {
      const value = Uint8Array.from({ length: 65_536 }, (_, at) => (at * 7) & 0xff)
      await store.set('large', value)
      deepEqual(Buffer.from((await store.get('large'))!), Buffer.from(value))
    },
  },
  {
    name: 'keeps a value as it was, when the caller uses its bytes again',
    async run({ store }) {
      const shared = new Uint8Array(8).fill(1)
      await store.set('value', shared.subarray(2, 5))
      shared.fill(2)
      await holdsValue(store, 'value', [1, 1, 1])
    },
  },
  {
    name: 'keeps its values through a reopening',
    exempt: cannotReopen,
    async run(subject) {
      await subject.store.set('vote', Uint8Array.of(1))
      await subject.store.set('vote', Uint8Array.of(2, 3))
      await subject.store.set('empty', new Uint8Array(0))
      await subject.store.setUint64('term', Number.MAX_SAFE_INTEGER)
      for (const [at, key] of keys.entries()) await subject.store.set(key, Uint8Array.of(at))
      await subject.reopen()
      await holdsValue(subject.store, 'vote', [2, 3])
      await holdsValue(subject.store, 'empty', [])
      equal(await subject.store.getUint64('term'), Number.MAX_SAFE_INTEGER)
      for (const [at, key] of keys.entries()) await holdsValue(subject.store, key, [at])
      equal(await subject.store.get('missing'), undefined)
    },
  },
  {
    name: 'a power cut while a value is set leaves the old or the new one, whole, and the store goes on',
    exempt: hasNoFiles,
    async run(subject) {
      const large = (byte: number): number[] => Array.from({ length: 1_500 }, (_, at) => (byte + at) & 0xff)
      for (const [before, after] of [
        [undefined, [1, 2, 3]],
        [[1, 2, 3], large(5)],
        [large(5), large(6)],
      ] as const) {
        const images = await subject.cutShort((store) => store.set('vote', Uint8Array.from(after)))
        for (const [at, image] of images.entries()) {
          await subject.afterCrash(image, async (crashed) => {
            const value = await crashed.store.get('vote')
            const allowed = at === images.length - 1 ? [after] : [before, after]
            const found = allowed.some((each) => String(each) === String(value))
            ok(found, `it holds ${value?.length ?? 0} bytes that are neither the old value nor the new one`)
            await crashed.store.set('vote', Uint8Array.of(9, 9))
            if (crashed.canReopen) await crashed.reopen()
            await holdsValue(crashed.store, 'vote', [9, 9])
          })
        }
      }
    },
  },
]

/** Tests a `StableStore`: registers a test for each rule of its contract. */
export function testStableStore<Store extends StableStore>(test: TestFunction, setup: StoreSetup<Store>): void {
  registerCases(test, 'StableStore', stableStoreCases, subjects<StableStore>(setup))
}

/** Tests a `StableStore` without a runner. */
export function checkStableStore<Store extends StableStore>(setup: StoreSetup<Store>): Promise<ConformanceReport> {
  return runCases('StableStore', stableStoreCases, subjects<StableStore>(setup))
}
