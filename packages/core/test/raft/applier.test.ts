import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'vitest'
import { Applier, type ApplierOptions } from '../../src/raft/applier.ts'
import { Meter } from '../../src/raft/meter.ts'
import type { Clock } from '../../src/index.ts'

/** An applier of which only restores are asked, and what becomes of them. */
function bench() {
  const happened: string[] = []
  const clock = { now: () => 0 } as Clock
  const context = {
    clock,
    meter: new Meter(undefined, clock),
    post: (event: { readonly type: string; readonly index: number }) => happened.push(`${event.type} ${event.index}`),
    afterwards: (task: () => void) => task(),
    fail: (error: Error) => {
      happened.push(error.message)
      void applier.stop()
    },
  }
  const parts = {
    context,
    proposals: { abortThrough: () => {} },
    reader: {
      read: ({ from }: { readonly from: number }) => {
        happened.push(`reads from ${from}`)
        return new Promise(() => {})
      },
    },
    termsBetween: () => [],
    calls: {},
    applied: { index: 80, term: 1 },
  }
  const applier = new Applier(parts as unknown as ApplierOptions)
  return { applier, happened }
}

/** A restore that ends when told. */
function job(index: number) {
  let begun = false
  const ends = withResolvers()
  const run = (): Promise<void> => {
    begun = true
    return ends.promise
  }
  return { index, term: 1, run, end: ends.resolve, fail: ends.reject, isBegun: () => begun }
}

function withResolvers() {
  let resolve!: () => void
  let reject!: (error: Error) => void
  const promise = new Promise<void>((...both) => ([resolve, reject] = both))
  return { promise, resolve, reject }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a restore that is taken back before it has ended leaves nothing to apply beyond what is in force', async () => {
  const { applier, happened } = bench()
  const [given, before] = [job(90), job(88)]
  applier.restore(given)
  applier.restore(before)
  given.end()
  await settled()
  deepEqual(happened, [], 'the first one is no longer of interest')
  before.end()
  await settled()
  deepEqual(happened, ['applied 88'])
  equal(applier.pending, 0)
})

test('a restore that another one follows may fail, and one that had not begun never does', async () => {
  const { applier, happened } = bench()
  const [first, second, third] = [job(90), job(88), job(92)]
  applier.restore(first)
  applier.restore(second)
  applier.restore(third)
  first.fail(new Error('its snapshot is gone'))
  await settled()
  equal(second.isBegun(), false)
  third.end()
  await settled()
  deepEqual(happened, ['applied 92'])
})

test('the last restore may not fail', async () => {
  const { applier, happened } = bench()
  const only = job(90)
  applier.restore(only)
  only.fail(new Error('no such snapshot'))
  await settled()
  deepEqual(happened, ['failed to restore the snapshot at index 90: no such snapshot'])
})
