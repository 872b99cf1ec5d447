import { describe, expect, test } from 'vitest'
import type { Effect } from '../../src/consensus/effects.ts'
import type { Event } from '../../src/consensus/events.ts'
import { Alarm } from '../../src/raft/alarm.ts'
import { Loop } from '../../src/raft/loop.ts'
import { ManualClock } from './harness/manual-clock.ts'

function applied(index: number): Event {
  return { type: 'applied', index }
}

/** A loop around a machine that answers `applied 1` with two effects, and others with none. */
function subject(perform: (effect: Effect, loop: Loop) => void) {
  const trace: string[] = []
  const loop: Loop = new Loop({
    machine: {
      deadline: Infinity,
      step: (_now, event) => {
        trace.push(`step ${event.type === 'applied' ? event.index : event.type}`)
        if (event.type !== 'applied' || event.index !== 1) return []
        return [
          { type: 'apply', through: 1 },
          { type: 'apply', through: 2 },
        ]
      },
    },
    clock: new ManualClock(),
    perform: (effect) => {
      trace.push(`perform ${effect.type === 'apply' ? effect.through : effect.type}`)
      perform(effect, loop)
    },
    settled: () => trace.push('settled'),
    failed: (error) => trace.push(`failed ${(error as Error).message}`),
  })
  return { loop, trace }
}

test('an event from within an effect waits until all effects before it have begun', () => {
  const { loop, trace } = subject((effect, current) => {
    if (effect.type === 'apply' && effect.through === 1) current.post(applied(7))
  })
  loop.post(applied(1))
  expect(trace).toEqual(['step 1', 'perform 1', 'perform 2', 'step 7', 'settled'])
})

test('what is put off comes when no event is left, and before that of others', async () => {
  const { loop, trace } = subject((effect, current) => {
    if (effect.type !== 'apply') return
    const { through } = effect
    current.later(() => {
      trace.push(`later ${through}`)
      if (through === 1) current.post(applied(7))
    })
  })
  loop.post(applied(1))
  expect(trace).toEqual(['step 1', 'perform 1', 'perform 2', 'settled', 'later 1', 'step 7', 'settled', 'later 2'])
  loop.later(() => trace.push('outside'))
  expect(trace).not.toContain('outside')
  await Promise.resolve()
  expect(trace).toContain('outside')
})

test('what comes afterwards comes behind all of that, and behind what is written once this has returned', async () => {
  const { loop, trace } = subject((effect, current) => {
    if (effect.type !== 'apply' || effect.through !== 1) return
    current.afterwards(() => {
      trace.push('afterwards')
      current.post(applied(8))
      current.later(() => trace.push('later than that'))
    })
    current.later(() => {
      current.post(applied(7))
      void Promise.resolve().then(() => trace.push('written'))
    })
  })
  loop.post(applied(1))
  expect(trace).toEqual(['step 1', 'perform 1', 'perform 2', 'settled', 'step 7', 'settled'])
  trace.length = 0
  await Promise.resolve()
  await Promise.resolve()
  expect(trace).toEqual(['written', 'afterwards', 'step 8', 'settled', 'later than that'])
  trace.length = 0
  loop.afterwards(() => trace.push('outside'))
  loop.afterwards(() => loop.stop())
  loop.afterwards(() => trace.push('after the stop'))
  expect(trace).toEqual([])
  await Promise.resolve()
  expect(trace).toEqual(['outside'])
})

test('what is put off does not come after a stop', () => {
  const { loop, trace } = subject((_effect, current) => {
    current.later(() => trace.push('later'))
    current.stop()
  })
  loop.post(applied(1))
  expect(trace).toEqual(['step 1', 'perform 1'])
})

test('a stop from within an effect ends the step', () => {
  const { loop, trace } = subject((_effect, current) => current.stop())
  loop.post(applied(1))
  loop.post(applied(2))
  expect(trace).toEqual(['step 1', 'perform 1'])
})

test('while somebody holds it, events wait', () => {
  const { loop, trace } = subject(() => undefined)
  const release = loop.hold()
  loop.post(applied(3))
  expect(trace).toEqual([])
  release()
  release()
  expect(trace).toEqual(['step 3', 'settled'])
})

test('what throws is reported, and the loop can be entered again', () => {
  const { loop, trace } = subject(() => {
    throw new Error('broken')
  })
  loop.post(applied(1))
  loop.post(applied(2))
  expect(trace).toEqual(['step 1', 'perform 1', 'failed broken', 'step 2', 'settled'])
})

describe('the alarm', () => {
  function alarm(deadline: { at: number }) {
    const clock = new ManualClock()
    const rings: number[] = []
    const ringing = new Alarm({
      clock,
      patience: () => 100,
      deadline: () => deadline.at,
      ring: () => {
        rings.push(clock.now())
        deadline.at = Infinity
      },
    })
    return { clock, rings, ringing }
  }

  test('is set anew only for an earlier deadline, and notices a later one when it fires', async () => {
    const deadline = { at: 1_050 }
    const { clock, rings, ringing } = alarm(deadline)
    ringing.refresh()
    deadline.at = 1_200
    ringing.refresh()
    expect(clock.pending).toBe(1)
    await clock.advance(100)
    expect(rings).toEqual([])
    await clock.advance(200)
    expect(rings).toEqual([1_200])
    deadline.at = 1_400
    ringing.refresh()
    deadline.at = 1_350
    ringing.refresh()
    expect(clock.pending).toBe(1)
    await clock.advance(100)
    expect(rings).toEqual([1_200, 1_350])
  })

  test('after a pause what the sockets hold comes first', async () => {
    const deadline = { at: 1_050 }
    const { clock, rings, ringing } = alarm(deadline)
    ringing.refresh()
    clock.skip(500)
    clock.endOfTurn(() => {
      deadline.at = 2_000
    })
    await clock.advance(0)
    expect(rings).toEqual([])
    await clock.advance(500)
    expect(rings).toEqual([2_000])
  })
})
