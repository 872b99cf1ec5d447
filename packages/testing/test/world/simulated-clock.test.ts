import { deepEqual, equal, rejects } from 'node:assert/strict'
import { test } from 'vitest'
import { SeededRandom, SimulatedClock } from '../../src/index.ts'

test('timers fire in the order of their times, those of one time as they were set', async () => {
  const clock = new SimulatedClock()
  const random = new SeededRandom(1)
  const planned = Array.from({ length: 500 }, (_, order) => ({ delay: random.integer(0, 40), order }))
  const fired: typeof planned = []
  for (const item of planned) clock.setTimer(() => fired.push(item), item.delay)
  await clock.advance(100)
  deepEqual(
    fired,
    planned.toSorted((one, other) => one.delay - other.delay || one.order - other.order),
  )
  equal(clock.now(), 100)
})

test('a timer that is forgotten does not fire, and forgetting it again does nothing', async () => {
  const clock = new SimulatedClock()
  const timer = clock.setTimer(() => equal('fired', 'never'), 5)
  clock.clearTimer(timer)
  clock.clearTimer(timer)
  equal(clock.next, undefined)
  await clock.advance(10)
})

test('everything that follows from a timer runs before time moves on', async () => {
  const clock = new SimulatedClock()
  const events: string[] = []
  clock.setTimer(() => {
    void (async () => {
      for (let turn = 0; turn < 50; turn++) await Promise.resolve()
      events.push(`awaited at ${clock.now()}`)
      clock.endOfTurn(() => events.push(`end of turn at ${clock.now()}`))
    })()
  }, 1)
  clock.setTimer(() => events.push(`next at ${clock.now()}`), 1)
  await clock.advance(1)
  deepEqual(events, ['awaited at 1', 'end of turn at 1', 'next at 1'])
})

test('until stops as soon as the condition holds, and gives up at the limit', async () => {
  const clock = new SimulatedClock()
  let ticks = 0
  const tick = () => {
    ticks++
    clock.setTimer(tick, 10)
  }
  clock.setTimer(tick, 10)
  equal(await clock.until(() => ticks === 3), true)
  equal(clock.now(), 30)
  equal(await clock.until(() => ticks === 100, 50), false)
  equal(ticks, 8)
})

test('run hands on what a promise comes to', async () => {
  const clock = new SimulatedClock()
  const later = new Promise<number>((resolve) => clock.setTimer(() => resolve(7), 1_000))
  equal(await clock.run(later), 7)
  equal(clock.now(), 1_000)
  await rejects(clock.run(new Promise(() => {}), 10), /still waiting after 10 virtual milliseconds/)
})

test('the wall time goes along', async () => {
  const clock = new SimulatedClock()
  await clock.advance(1_500.25)
  deepEqual(clock.wallTime(), { seconds: 1_577_836_801, nanoseconds: 500_250_000 })
})
