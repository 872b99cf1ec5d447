// The suite must be able to fail: each store here has one bug, and the case that is about it must notice.
import { deepEqual } from 'node:assert/strict'
import { type StableStore } from '@raft/core'
import { InmemStore } from '@raft/store-inmem'
import { test } from 'vitest'
import { checkStableStore, stableStoreCases } from '../../src/conformance/index.ts'
import { failedNames, notices } from './noticing.ts'

const bugs: readonly (readonly [bug: string, expected: RegExp, create: () => StableStore])[] = [
  [
    'answers empty bytes for a missing value',
    /never set/,
    () =>
      new (class extends InmemStore {
        override get(key: string): Uint8Array {
          return super.get(key) ?? new Uint8Array()
        }
      })(),
  ],
  [
    'throws for a missing number',
    /never set/,
    () =>
      new (class extends InmemStore {
        override getUint64(key: string): number {
          if (this.get(key) === undefined) throw new Error('not found')
          return super.getUint64(key)
        }
      })(),
  ],
  [
    'answers undefined for an empty value',
    /empty value from a missing one/,
    () =>
      new (class extends InmemStore {
        override get(key: string): Uint8Array | undefined {
          const value = super.get(key)
          return value?.length === 0 ? undefined : value
        }
      })(),
  ],
  [
    'keeps numbers in 32 bits',
    /numbers from 0/,
    () =>
      new (class extends InmemStore {
        override setUint64(key: string, value: number): void {
          super.setUint64(key, value >>> 0)
        }
      })(),
  ],
  [
    'appends to a value',
    /longer and a shorter/,
    () =>
      new (class extends InmemStore {
        override set(key: string, value: Uint8Array): void {
          super.set(key, Buffer.concat([this.get(key) ?? new Uint8Array(), value]))
        }
      })(),
  ],
  [
    'keeps all keys in lower case',
    /each key apart/,
    () =>
      new (class extends InmemStore {
        override set(key: string, value: Uint8Array): void {
          super.set(key.toLowerCase(), value)
        }

        override get(key: string): Uint8Array | undefined {
          return super.get(key.toLowerCase())
        }
      })(),
  ],
  [
    'keeps the bytes of the caller',
    /uses its bytes again/,
    () =>
      new (class extends InmemStore {
        readonly #values = new Map<string, Uint8Array>()

        override set(key: string, value: Uint8Array): void {
          this.#values.set(key, value)
        }

        override get(key: string): Uint8Array | undefined {
          return this.#values.get(key)
        }
      })(),
  ],
]

test('a store without a bug passes', async () => {
  deepEqual(failedNames(await checkStableStore({ create: () => new InmemStore() })), [])
})

for (const [bug, expected, create] of bugs) {
  test(`a store that ${bug} fails`, () => notices(stableStoreCases, { create }, expected))
}

test('a store that loses its values fails', async () => {
  const setup = { create: () => new InmemStore(), reopen: () => new InmemStore() }
  await notices(stableStoreCases, setup, /through a reopening/)
})
