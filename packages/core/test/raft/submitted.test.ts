import { expect, test } from 'vitest'
import { Proposal } from '../../src/raft/proposal.ts'
import { Submitted } from '../../src/raft/submitted.ts'
import { LogType } from '../../src/types/log.ts'
import { Seeded } from '../consensus/harness/seeded.ts'

function command(): Proposal {
  return new Proposal(LogType.Command, undefined, undefined)
}

function held(submitted: Submitted, from = 0, through = Infinity): readonly Proposal[] {
  const found: Proposal[] = []
  submitted.forEach(from, through, (proposal) => found.push(proposal))
  return found
}

test('behaves like a map of commands by index, whatever is submitted, applied and dropped', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Seeded(seed)
    const submitted = new Submitted()
    const model = new Map<number, Proposal>()
    const forget = (fits: (index: number) => boolean): void => {
      for (const index of model.keys()) if (fits(index)) model.delete(index)
    }
    const origin = random.between(1, 1_000)
    for (let step = 0; step < 60; step++) {
      const near = Math.max(origin, submitted.last) - random.between(-3, 20)
      switch (random.between(0, 4)) {
        case 0:
          forget((index) => index < near)
          submitted.dropBefore(near)
          break
        case 1:
          forget((index) => index >= near)
          submitted.dropFrom(near)
          break
        case 2:
          expect(submitted.take(near), `take ${near}, seed ${seed}, step ${step}`).toBe(model.get(near))
          forget((index) => index <= near)
          break
        default: {
          const first = Math.max(origin, submitted.last + 1, near) + random.between(0, 2)
          const proposals = Array.from({ length: random.between(1, 6) }, command)
          submitted.push(first, proposals, step)
          for (const [offset, proposal] of proposals.entries()) model.set(first + offset, proposal)
        }
      }
      const where = `seed ${seed}, step ${step}`
      expect(held(submitted), where).toEqual([...model.values()])
      expect(submitted.isEmpty, where).toBe(model.size === 0)
      const window = [...model].filter(([index]) => index >= near - 4 && index <= near + 2)
      expect(held(submitted, near - 4, near + 2), where).toEqual(window.map(([, proposal]) => proposal))
    }
  }
})

test('tells when each was submitted', () => {
  const submitted = new Submitted()
  submitted.push(3, [command(), command()], 7)
  submitted.push(6, [command()], 9)
  const times: number[] = []
  submitted.forEach(4, 6, (_, at) => times.push(at))
  expect(times).toEqual([7, 9])
})

test('refuses an index that is not above all others', () => {
  const submitted = new Submitted()
  submitted.push(4, [command(), command()], 0)
  expect(() => submitted.push(5, [command()], 0)).toThrow('index 5 comes after 5')
})
