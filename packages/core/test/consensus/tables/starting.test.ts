import { describe, expect, test } from 'vitest'
import { checkNoGap, logContinues } from '../../../src/consensus/initial-state.ts'
import { LogPositions } from '../../../src/consensus/log-positions.ts'
import { backoff } from '../../../src/consensus/progress.ts'

const pauses = [10, 10, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120, 10_240, 10_240]

test.each(pauses.map((pause, failures) => ({ failures, pause })))('$failures failures: $pause ms', (row) => {
  expect(backoff(row.failures)).toBe(row.pause)
})

describe('the log goes on from a snapshot at 5/2', () => {
  const cases = [
    { first: 1, last: 0, term: 0, goesOn: true, why: 'an empty log contradicts nothing' },
    { first: 6, last: 9, term: 3, goesOn: true, why: 'it begins right after it' },
    { first: 6, last: 9, term: 2, goesOn: true, why: 'it begins right after it, with its term' },
    {
      first: 6,
      last: 9,
      term: 1,
      goesOn: false,
      why: 'it begins right after it, with an older term: it is another log',
    },
    { first: 3, last: 9, term: 2, goesOn: true, why: 'it holds its last entry, with the same term' },
    { first: 5, last: 5, term: 2, goesOn: true, why: 'it is its last entry' },
    { first: 3, last: 9, term: 1, goesOn: false, why: 'its last entry has another term there' },
    { first: 1, last: 4, term: 2, goesOn: false, why: 'it ends before it' },
    { first: 7, last: 9, term: 2, goesOn: false, why: 'something is missing between them' },
  ]
  test.each(cases)('$first to $last of term $term: $why', ({ first, last, term, goesOn }) => {
    const log = new LogPositions({ index: 0, term: 0 }, { first, last, runs: last < first ? [] : [{ first, term }] })
    expect(logContinues({ index: 5, term: 2 }, log)).toBe(goesOn)
  })
})

describe('entries between snapshot and log', () => {
  const cases = [
    { snapshot: 0, first: 1, last: 0, said: undefined },
    { snapshot: 0, first: 1, last: 5, said: undefined },
    { snapshot: 5, first: 6, last: 9, said: undefined },
    { snapshot: 5, first: 2, last: 9, said: undefined },
    { snapshot: 5, first: 7, last: 6, said: undefined },
    { snapshot: 0, first: 2, last: 9, said: 'begins at index 2 but the newest snapshot ends at 0' },
    { snapshot: 5, first: 7, last: 9, said: 'begins at index 7 but the newest snapshot ends at 5' },
  ]
  test.each(cases)('snapshot to $snapshot, log $first to $last: $said', ({ snapshot, first, last, said }) => {
    const check = (): void => checkNoGap(snapshot, { first, last, runs: [{ first, term: 1 }] })
    if (said === undefined) expect(check).not.toThrow()
    else expect(check).toThrow(said)
  })
})
