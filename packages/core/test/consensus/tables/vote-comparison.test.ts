import { describe, expect, test } from 'vitest'
import { Session } from '../transcript/session.ts'

// The log of b ends at 4 of term 3.
const cases = [
  { last: '4/3', granted: true, why: 'the same (raft-node: strictly newer leaves equals without a leader)' },
  { last: '5/3', granted: true, why: 'longer, same term' },
  { last: '3/3', granted: false, why: 'shorter, same term' },
  { last: '1/4', granted: true, why: 'shorter, newer term (liferaft: refused only if both are older)' },
  { last: '9/2', granted: false, why: 'longer, older term (#94)' },
  { last: '4/2', granted: false, why: 'as long, older term' },
  { last: '4/4', granted: true, why: 'as long, newer term' },
  { last: '0/0', granted: false, why: 'an empty log' },
]

const setup = ['servers a b stopped', 'disk b log=1/1[a,b],2/1,3..4/3 term=4', 'start b']

describe('a vote, and the promise of one, goes to logs that are at least as new', () => {
  for (const kind of ['vote', 'pre-vote']) {
    test.each(cases)(`${kind} for $last: $granted, $why`, ({ last, granted }) => {
      const printed = new Session().run([...setup, `${kind} b from=a term=5 last=${last}`])
      expect(printed).toContain(`reply ${kind}-${granted ? 'granted' : 'refused'}`)
    })
  }

  test.each(['0/0', '1/1', '9/2'])('an empty log grants to %s', (last) => {
    const printed = new Session().run(['servers a', 'servers b empty', `vote b from=a term=5 last=${last}`])
    expect(printed).toContain('reply vote-granted')
  })

  test.each([
    { last: '5/2', granted: true },
    { last: '4/9', granted: true },
    { last: '4/2', granted: false },
    { last: '9/1', granted: false },
  ])('without a log, the snapshot at 5/2 counts: $last is $granted', ({ last, granted }) => {
    const lines = ['servers a b stopped', 'disk b log=- snapshot=5/2 term=2', 'start b']
    const printed = new Session().run([...lines, `vote b from=a term=9 last=${last}`])
    expect(printed).toContain(`reply vote-${granted ? 'granted' : 'refused'}`)
  })
})
