import { deepEqual, equal } from 'node:assert/strict'
import { type Log, LogType } from '@raft/core'
import { test } from 'vitest'
import { LogRuns } from '../src/log-runs.ts'

const logAt = (index: number, term = 1): Log => ({ index, term, type: LogType.Noop })

/** A small generator of repeatable chance: mulberry32. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** The first index through `last` at which the two hold different entries. */
function firstDifference(runs: LogRuns, model: ReadonlyMap<number, Log>, last: number): number | undefined {
  for (let index = 0; index <= last; index++) if (runs.get(index)?.term !== model.get(index)?.term) return index
  return undefined
}

test('behaves like a map of entries by index, whatever is put and deleted', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const draw = generator(seed)
    const runs = new LogRuns()
    const model = new Map<number, Log>()
    for (let step = 0; step < 60; step++) {
      if (draw(3) > 0) {
        const log = logAt(1 + draw(24), step)
        runs.put(log)
        model.set(log.index, log)
      } else {
        const min = draw(26)
        const max = min + draw(8) - 1
        runs.delete(min, max)
        for (let index = min; index <= max; index++) model.delete(index)
      }
      const indexes = [...model.keys()].toSorted((left, right) => left - right)
      equal(runs.first, indexes[0] ?? 0, `first, seed ${seed}, step ${step}`)
      equal(runs.last, indexes.at(-1) ?? 0, `last, seed ${seed}, step ${step}`)
      equal(firstDifference(runs, model, 26), undefined, `entry, seed ${seed}, step ${step}`)
    }
  }
})

test('behaves so beyond the pieces that it is made of', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const draw = generator(seed)
    const runs = new LogRuns()
    const model = new Map<number, Log>()
    for (let step = 0; step < 40; step++) {
      const from = 1 + draw(2_000)
      const through = from + draw(900)
      if (draw(3) > 0) {
        const logs: Log[] = []
        for (let index = from; index <= through; index++) logs.push(logAt(index, step))
        runs.putAll(logs)
        for (const log of logs) model.set(log.index, log)
      } else {
        runs.delete(from, through)
        for (let index = from; index <= through; index++) model.delete(index)
      }
      equal(runs.first, Math.min(...model.keys()) % Infinity || 0, `first, seed ${seed}, step ${step}`)
      equal(firstDifference(runs, model, 3_000), undefined, `entry, seed ${seed}, step ${step}`)
    }
  }
})

test('holds entries far apart without holding what is between', () => {
  const runs = new LogRuns()
  runs.put(logAt(1))
  runs.put(logAt(Number.MAX_SAFE_INTEGER))
  deepEqual([runs.first, runs.last], [1, Number.MAX_SAFE_INTEGER])
  equal(runs.get(2), undefined)
  runs.delete(1, Infinity)
  deepEqual([runs.first, runs.last], [0, 0])
})
