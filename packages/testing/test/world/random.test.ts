import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import { test } from 'vitest'
import { SeededRandom } from '../../src/index.ts'

const draws = (random: SeededRandom, count = 8) => Array.from({ length: count }, random.next)

test('the same seed gives the same draws, and another seed or label others', () => {
  deepEqual(draws(new SeededRandom(7)), draws(new SeededRandom(7)))
  notEqual(draws(new SeededRandom(7))[0], draws(new SeededRandom(8))[0])
  notEqual(draws(new SeededRandom(7))[0], draws(new SeededRandom(7, 'x'))[0])
  notEqual(draws(new SeededRandom(2 ** 40))[0], draws(new SeededRandom(0))[0])
})

test('the draws of a seed never change: every number that was ever printed replays', () => {
  const random = new SeededRandom(42)
  deepEqual(
    [random.integer(0, 999_999), random.integer(0, 999_999), random.integer(0, 999_999)],
    [760_152, 900_348, 516_383],
  )
})

test('a fork does not depend on what was drawn before', () => {
  const random = new SeededRandom(3)
  const early = draws(random.fork('disk'))
  draws(random)
  deepEqual(draws(random.fork('disk')), early)
})

test('the helpers keep their bounds', () => {
  const random = new SeededRandom(5)
  const seen = new Set<number>()
  for (let round = 0; round < 2_000; round++) {
    const between = random.between(-1, 1)
    ok(between >= -1 && between < 1)
    seen.add(random.integer(1, 6))
    ok(random.exponential(10) >= 0)
  }
  deepEqual(
    [...seen].toSorted((one, other) => one - other),
    [1, 2, 3, 4, 5, 6],
  )
  equal(random.chance(0), false)
  equal(random.chance(1), true)
  deepEqual(
    random.shuffle([1, 2, 3, 4]).toSorted((one, other) => one - other),
    [1, 2, 3, 4],
  )
  const mean = draws(random, 20_000).reduce((sum, draw) => sum + draw, 0) / 20_000
  ok(Math.abs(mean - 0.5) < 0.01)
})
