import { expect, test } from 'vitest'
import { majority, majorityValue } from '../../../src/consensus/quorum.ts'
import { Seeded } from '../harness/seeded.ts'

const majorities = [
  { voters: 0, needed: 1, why: 'nobody decides nothing' },
  { voters: 1, needed: 1, why: 'one decides alone' },
  { voters: 2, needed: 2, why: 'half is not enough' },
  { voters: 3, needed: 2, why: 'one may be silent' },
  { voters: 4, needed: 3, why: 'half is not enough (163a55f)' },
  { voters: 5, needed: 3, why: 'two may be silent' },
  { voters: 6, needed: 4, why: 'half is not enough' },
  { voters: 7, needed: 4, why: 'three may be silent' },
]

test.each(majorities)('$voters voters need $needed: $why', ({ voters, needed }) => {
  expect(majority(voters)).toBe(needed)
})

const held = [
  { values: [], reached: 0, why: 'without voters nothing is reached (noVoterSanity)' },
  { values: [7], reached: 7, why: 'one voter commits alone (singleVoter)' },
  { values: [7, 4], reached: 4, why: 'two voters must agree' },
  { values: [9, 8, 7], reached: 8, why: 'two of three' },
  { values: [9, 9, 3, 2], reached: 3, why: 'half of four is not a majority' },
  { values: [9, 8, 7, 1, 0], reached: 7, why: 'two of five may be silent' },
  { values: [0, 0, 9], reached: 0, why: 'one of three is not a majority' },
  { values: [5, 5, 5, 5], reached: 5, why: 'all the same' },
  { values: [-Infinity, 12, -Infinity], reached: -Infinity, why: 'who was never heard counts as such' },
]

test.each(held)('$values reach $reached: $why', ({ values, reached }) => {
  expect(majorityValue([...values])).toBe(reached)
})

test('the fast calculation agrees with counting', () => {
  const random = new Seeded(18)
  for (let round = 0; round < 50_000; round++) {
    const values = Array.from({ length: random.between(1, 9) }, () => random.between(0, 6))
    const counted = Math.max(
      ...values.filter((value) => values.filter((other) => other >= value).length * 2 > values.length),
    )
    expect(majorityValue([...values])).toBe(counted)
  }
})

test('a majority of the voters and the value that it has reached mean the same', () => {
  for (let voters = 1; voters <= 9; voters++) {
    for (let reached = 0; reached <= voters; reached++) {
      const values = Array.from({ length: voters }, (_, at) => (at < reached ? 1 : 0))
      expect(majorityValue(values) === 1).toBe(reached >= majority(voters))
    }
  }
})
