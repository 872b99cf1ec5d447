import { expect, test } from 'vitest'
import type { Effect } from '../../../src/consensus/effects.ts'
import { Outbox } from '../../../src/consensus/outbox.ts'
import { Seeded } from '../harness/seeded.ts'

const effect: Effect = { type: 'removed' }
const other: Effect = { type: 'compact', through: 1 }

test('what rests on a write is held until it is durable, and comes in the order in which it was held', () => {
  const outbox = new Outbox(0)
  const first = outbox.issue(0, 1)
  const second = outbox.issue(0, 2)
  expect(outbox.hold(other, second)).toBe(true)
  expect(outbox.hold(effect, first)).toBe(true)
  expect(outbox.settle(first, 0)).toEqual([effect])
  expect(outbox.hold(effect, first)).toBe(false)
  expect(outbox.settle(second, 0)).toEqual([other])
})

test('one report stands for all writes before it', () => {
  const outbox = new Outbox(0)
  outbox.issue(5, 1)
  outbox.issue(6, 2)
  const third = outbox.issue(7, 3)
  expect(outbox.oldestOpenAt).toBe(5)
  outbox.settle(third, 0)
  expect([outbox.durableIndex, outbox.oldestOpenAt, outbox.isDurable(1)]).toEqual([3, undefined, true])
})

test('a write that stands in a queue is open since the one before it was done: a disk that gets on is no stalled disk', () => {
  const outbox = new Outbox(0)
  const first = outbox.issue(5, 1)
  outbox.issue(6, 2)
  outbox.settle(first, 900)
  expect(outbox.oldestOpenAt).toBe(900)
  outbox.settle(2, 950)
  outbox.issue(1_000, 3)
  expect(outbox.oldestOpenAt).toBe(1_000)
})

test('a report that was given, or is of no write, changes nothing', () => {
  const outbox = new Outbox(0)
  outbox.issue(0, 4)
  outbox.settle(1, 0)
  outbox.settle(1, 0)
  outbox.settle(9, 0)
  outbox.issue(0, 5)
  expect([outbox.durableIndex, outbox.lastWrite, outbox.isDurable(2)]).toEqual([4, 2, false])
})

test('what a later write removes is not durable, when the earlier one is done (A-B-A)', () => {
  const outbox = new Outbox(1)
  outbox.issue(0, 5)
  outbox.issue(0, 3, 1)
  outbox.issue(0, 4, 2)
  expect(outbox.durableIndex).toBe(1)
  outbox.settle(1, 0)
  expect(outbox.durableIndex).toBe(1)
  outbox.settle(2, 0)
  expect(outbox.durableIndex).toBe(2)
  outbox.settle(3, 0)
  expect(outbox.durableIndex).toBe(4)
})

test('what is removed is not durable from the moment it is removed', () => {
  const outbox = new Outbox(9)
  outbox.issue(0, 6, 5)
  expect(outbox.durableIndex).toBe(5)
})

test('a durable snapshot covers what it holds', () => {
  const outbox = new Outbox(3)
  outbox.issue(0, 6)
  outbox.coverThrough(5)
  expect(outbox.durableIndex).toBe(5)
  outbox.settle(1, 0)
  expect(outbox.durableIndex).toBe(6)
  outbox.coverThrough(2)
  expect(outbox.durableIndex).toBe(6)
})

/** A disk that does one write after the other says the same as the outbox. */
test('durable is what a disk would hold of the log as it is meant to become', () => {
  for (let seed = 1; seed <= 500; seed++) {
    const random = new Seeded(seed)
    const outbox = new Outbox(0)
    const disk: string[] = []
    const meant: string[] = []
    const open: { keep: number; entries: readonly string[] }[] = []
    for (let step = 0; step < 40; step++) {
      if (random.chance(0.6)) {
        const keep = random.chance(0.3) ? random.between(0, meant.length) : meant.length
        const entries = Array.from({ length: random.between(0, 3) }, (_, at) => `${step}.${at}`)
        meant.splice(keep, Infinity, ...entries)
        open.push({ keep, entries })
        outbox.issue(step, meant.length, keep)
      } else if (open.length > 0) {
        const done = open.splice(0, random.between(1, open.length))
        for (const { keep, entries } of done) disk.splice(keep, Infinity, ...entries)
        outbox.settle(outbox.lastWrite - open.length, 0)
      }
      const differs = meant.findIndex((entry, at) => entry !== disk[at])
      const agreed = differs < 0 ? meant.length : differs
      expect(outbox.durableIndex, `seed ${seed}, step ${step}`).toBe(agreed)
    }
  }
})
