import { expect, test } from 'vitest'
import { ConfigurationHistory } from '../../../src/consensus/configuration-history.ts'
import type { IndexedConfiguration } from '../../../src/types/configuration.ts'
import { membersOf } from '../transcript/arguments.ts'

const [one, four, seven]: readonly IndexedConfiguration[] = [1, 4, 7].map((index) => ({
  index,
  configuration: membersOf(`a,b${index}`),
})) as [IndexedConfiguration, IndexedConfiguration, IndexedConfiguration]

function history(): ConfigurationHistory {
  return new ConfigurationHistory([one!, four!, seven!])
}

function indexes(of: ConfigurationHistory): readonly number[] {
  return [0, 1, 3, 4, 6, 7, 99].map((index) => of.at(index).index)
}

const cases: readonly { what: string; act: (of: ConfigurationHistory) => void; at: readonly number[] }[] = [
  { what: 'each is in force until the next', act: () => undefined, at: [0, 1, 1, 4, 4, 7, 7] },
  { what: 'what is truncated is in force no more', act: (of) => of.truncateFrom(7), at: [0, 1, 1, 4, 4, 4, 4] },
  { what: 'also when more than one goes', act: (of) => of.truncateFrom(2), at: [0, 1, 1, 1, 1, 1, 1] },
  { what: 'also when all go', act: (of) => of.truncateFrom(1), at: [0, 0, 0, 0, 0, 0, 0] },
  { what: 'nothing goes beyond the last', act: (of) => of.truncateFrom(8), at: [0, 1, 1, 4, 4, 7, 7] },
  { what: 'a snapshot keeps what is in force at it', act: (of) => of.compactThrough(5), at: [0, 0, 0, 4, 4, 7, 7] },
  { what: 'one at the very index too', act: (of) => of.compactThrough(7), at: [0, 0, 0, 0, 0, 7, 7] },
  { what: 'one before the first changes nothing', act: (of) => of.compactThrough(0), at: [0, 1, 1, 4, 4, 7, 7] },
  {
    what: 'an arrived snapshot brings its own, those behind it stay with the log',
    act: (of) => of.install(5, { index: 3, configuration: membersOf('x') }, true),
    at: [0, 0, 3, 3, 3, 7, 7],
  },
  {
    what: 'and go with it',
    act: (of) => of.install(5, { index: 3, configuration: membersOf('x') }, false),
    at: [0, 0, 3, 3, 3, 3, 3],
  },
]

test.each(cases)('$what', ({ act, at }) => {
  const of = history()
  act(of)
  expect(indexes(of)).toEqual(at)
  expect(of.latest.index).toBe(at.at(-1))
})

test('without any, the newest is nobody, at 0', () => {
  const of = new ConfigurationHistory([])
  expect([of.latest.index, of.latest.configuration.servers.length]).toEqual([0, 0])
  of.append(four)
  expect(of.latest).toBe(four)
})
