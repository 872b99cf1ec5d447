import { expect, test } from 'vitest'
import { IndexRing } from '../../src/raft/index-ring.ts'
import { RingQueue } from '../../src/raft/ring-queue.ts'
import { Seeded } from '../consensus/harness/seeded.ts'

/** Whole numbers from 0 to `below` - 1. */
function generator(seed: number): (below: number) => number {
  const random = new Seeded(seed)
  return (below) => random.between(0, below - 1)
}

/** Without `expect`, which would take longer than all the rest. */
function agree(found: unknown, wanted: unknown, where: string): void {
  if (found !== wanted) throw new Error(`${where}: found ${String(found)} where ${String(wanted)} belongs`)
}

test('behaves like a map of values by index, whatever is pushed and taken', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const draw = generator(seed)
    const ring = new IndexRing<number>()
    const model = new Map<number, number>()
    const origin = draw(2) === 0 ? draw(1_000) : 2 ** 40 + draw(1_000)
    for (let step = 0; step < 120; step++) {
      const last = Math.max(origin, ring.last)
      const near = last - draw(400)
      switch (draw(4)) {
        case 0:
          agree(ring.take(near), model.get(near), `take ${near}, seed ${seed}, step ${step}`)
          model.delete(near)
          break
        case 1: {
          // All is gone: what comes next may have a lower index than what was there.
          if (draw(4) > 0) break
          for (const [index, value] of model)
            agree(ring.take(index), value, `take ${index}, seed ${seed}, step ${step}`)
          model.clear()
          const index = origin + draw(500)
          ring.push(index, step)
          model.set(index, step)
          break
        }
        default: {
          let index = (ring.isEmpty ? last : ring.last) + 1 + (draw(4) === 0 ? draw(700) : 0)
          for (let count = draw(200); count >= 0; count--, index++) {
            ring.push(index, step)
            model.set(index, step)
          }
        }
      }
      for (let index = last - 900; index <= last + 900; index += 1 + draw(60)) {
        agree(ring.get(index), model.get(index), `index ${index}, seed ${seed}, step ${step}`)
      }
      for (const [index, value] of model) agree(ring.get(index), value, `index ${index}, seed ${seed}, step ${step}`)
    }
  }
})

test('refuses an index that is not above all others', () => {
  const ring = new IndexRing<string>()
  ring.push(5, 'five')
  expect(() => ring.push(5, 'again')).toThrow('index 5 comes after 5')
})

test('a queue gives back what it was given, in order', () => {
  const draw = generator(7)
  const queue = new RingQueue<number>()
  const model: number[] = []
  for (let step = 0; step < 20_000; step++) {
    if (draw(100) < 52) {
      queue.push(step)
      model.push(step)
    } else agree(queue.shift(), model.shift(), `step ${step}`)
    agree(queue.length, model.length, `length, step ${step}`)
    agree(queue.at(3), model[3], `the fourth, step ${step}`)
  }
})
