import { describe, expect, test } from 'vitest'
import {
  checkConfiguration,
  type ConfigurationChange,
  formatConfiguration,
  hasVote,
  memberOf,
  nextConfiguration,
  votersOf,
} from '../../../src/consensus/membership.ts'
import { type Configuration, ConfigurationChangeCommand, type Server } from '../../../src/types/configuration.ts'
import { isRaftError } from '../../../src/types/errors.ts'
import { formatMembers } from '../harness/format.ts'
import { membersOf } from '../transcript/arguments.ts'

const { AddVoter, AddNonvoter, DemoteVoter, RemoveServer, Promote } = ConfigurationChangeCommand

/** From, command, server, result; `v` is a voter that must stay, so that one is left. */
const rows: readonly (readonly [string, ConfigurationChange['command'], string, string, string])[] = [
  ['v', AddVoter, 'a', 'v,a:staging', 'a new voter begins as staging'],
  ['v,a', AddVoter, 'a', 'v,a', 'a voter stays one'],
  ['v,a', AddVoter, 'a@x:9', 'v,a@x:9', 'a voter that is added again has a new address'],
  ['v,a:nonvoter', AddVoter, 'a', 'v,a:staging', 'a non-voter is staged'],
  ['v,a:nonvoter', AddVoter, 'a@x:9', 'v,a@x:9:staging', 'a non-voter is staged at its new address'],
  ['v,a:staging', AddVoter, 'a', 'v,a:staging', 'staging stays staging'],
  ['v,a:staging', AddVoter, 'a@x:9', 'v,a@x:9:staging', 'staging moves'],
  ['v,a,b', AddVoter, 'a@x:9', 'v,a@x:9,b', 'the place in the list is kept'],
  ['v', AddNonvoter, 'a', 'v,a:nonvoter', 'a new non-voter'],
  ['v,a', AddNonvoter, 'a', 'v,a', 'a voter keeps its vote'],
  ['v,a', AddNonvoter, 'a@x:9', 'v,a@x:9', 'a voter keeps its vote and moves'],
  ['v,a:nonvoter', AddNonvoter, 'a', 'v,a:nonvoter', 'a non-voter stays one'],
  ['v,a:nonvoter', AddNonvoter, 'a@x:9', 'v,a@x:9:nonvoter', 'a non-voter moves'],
  ['v,a:staging', AddNonvoter, 'a', 'v,a:nonvoter', 'staging is taken back'],
  ['v,a:staging', AddNonvoter, 'a@x:9', 'v,a@x:9:nonvoter', 'staging is taken back, and it moves'],
  ['v', DemoteVoter, 'a', 'v', 'who is not there is not demoted'],
  ['v,a', DemoteVoter, 'a', 'v,a:nonvoter', 'a voter loses its vote'],
  ['v,a', DemoteVoter, 'a@x:9', 'v,a:nonvoter', 'the address of a demoted server stays'],
  ['v,a:nonvoter', DemoteVoter, 'a', 'v,a:nonvoter', 'a non-voter stays one'],
  ['v,a:staging', DemoteVoter, 'a', 'v,a:nonvoter', 'staging is taken back'],
  ['v', RemoveServer, 'a', 'v', 'who is not there is not removed'],
  ['v,a', RemoveServer, 'a', 'v', 'a voter goes'],
  ['a,v,b', RemoveServer, 'a', 'v,b', 'the others keep their order'],
  ['v,a:nonvoter', RemoveServer, 'a', 'v', 'a non-voter goes'],
  ['v,a:staging', RemoveServer, 'a', 'v', 'a staging server goes'],
  ['v', Promote, 'a', 'v', 'who is not there is not promoted'],
  ['v,a', Promote, 'a', 'v,a', 'a voter stays one'],
  ['v,a:nonvoter', Promote, 'a', 'v,a:nonvoter', 'a non-voter is not promoted'],
  ['v,a:staging', Promote, 'a', 'v,a', 'staging becomes a voter'],
  ['v,a:staging', Promote, 'a@x:9', 'v,a:staging', 'who has moved meanwhile is not promoted'],
]

function change(command: ConfigurationChange['command'], server: string): ConfigurationChange {
  const [named] = membersOf(server).servers
  return { command, server: named!, prevIndex: 0, newVoter: 'Staging' }
}

function messageOf(act: () => void): string {
  try {
    act()
  } catch (error) {
    return isRaftError(error, 'ERR_RAFT_CONFIGURATION') ? error.message : String(error)
  }
  return 'fine'
}

describe('the next configuration', () => {
  for (const [before, command, server, after, why] of rows) {
    test(`[${before}] and ${command} ${server} make [${after}]: ${why}`, () => {
      const current = { configuration: membersOf(before), index: 1 }
      const next = nextConfiguration(current, change(command, server))
      expect(formatMembers(next)).toBe(formatMembers(membersOf(after)))
    })
  }

  test('below protocol version 3 a new server is a voter at once', () => {
    const current = { configuration: membersOf('v,a:nonvoter'), index: 1 }
    for (const id of ['a', 'b']) {
      const next = nextConfiguration(current, { ...change(AddVoter, id), newVoter: 'Voter' })
      expect(hasVote(next, id)).toBe(true)
    }
  })

  test('the configuration before is left as it was', () => {
    const configuration = membersOf('v,a')
    nextConfiguration({ configuration, index: 1 }, change(RemoveServer, 'a'))
    expect(configuration).toEqual(membersOf('v,a'))
  })

  const previous = [
    { prevIndex: 0, said: 'fine', why: '0 does not care' },
    { prevIndex: 7, said: 'fine', why: 'it is the newest' },
    { prevIndex: 6, said: 'configuration changed since 6 (latest is 7)', why: 'it has changed' },
    { prevIndex: 8, said: 'configuration changed since 8 (latest is 7)', why: 'there is none yet' },
  ]
  test.each(previous)('prevIndex $prevIndex: $why', ({ prevIndex, said }) => {
    const current = { configuration: membersOf('v'), index: 7 }
    expect(messageOf(() => nextConfiguration(current, { ...change(AddVoter, 'a'), prevIndex }))).toBe(said)
  })

  const invalid = [
    { before: 'v', command: RemoveServer, server: 'v', said: 'need at least one voter in configuration: {[]}' },
    {
      before: 'v',
      command: DemoteVoter,
      server: 'v',
      said: 'need at least one voter in configuration: {[{Nonvoter v v:1}]}',
    },
    { before: 'v', command: AddVoter, server: 'a@v:1', said: 'found duplicate address in configuration: v:1' },
  ]
  test.each(invalid)('is refused: $said', ({ before, command, server, said }) => {
    const current = { configuration: membersOf(before), index: 1 }
    expect(messageOf(() => nextConfiguration(current, change(command, server)))).toBe(said)
  })
})

describe('a configuration is checked', () => {
  const server = (suffrage: Server['suffrage'], id: string, address: string): Server => ({ suffrage, id, address })
  const cases: readonly { servers: readonly Server[]; said: string }[] = [
    { servers: [], said: 'need at least one voter in configuration: {[]}' },
    {
      servers: [server('Nonvoter', 'a', 'b')],
      said: 'need at least one voter in configuration: {[{Nonvoter a b}]}',
    },
    { servers: [server('Staging', 'a', 'b')], said: 'need at least one voter in configuration: {[{Staging a b}]}' },
    { servers: [server('Voter', '', 'b')], said: 'empty ID in configuration: {[{Voter  b}]}' },
    { servers: [server('Voter', 'a', '')], said: 'empty address in configuration: {[{Voter a }]}' },
    {
      servers: [server('Voter', 'a', 'b'), server('Nonvoter', 'a', 'c')],
      said: 'found duplicate ID in configuration: a',
    },
    {
      servers: [server('Voter', 'a', 'b'), server('Nonvoter', 'c', 'b')],
      said: 'found duplicate address in configuration: b',
    },
    { servers: [server('Voter', 'a', 'b'), server('Nonvoter', 'c', 'd'), server('Staging', 'e', 'f')], said: 'fine' },
  ]
  for (const { servers, said } of cases) {
    test(`${formatConfiguration({ servers })}: ${said}`, () => {
      expect(messageOf(() => checkConfiguration({ servers }))).toBe(said)
    })
  }
})

test('only voters have a vote', () => {
  const configuration: Configuration = membersOf('a,b:nonvoter,c:staging')
  expect(['a', 'b', 'c', 'd'].map((id) => hasVote(configuration, id))).toEqual([true, false, false, false])
  expect(votersOf(configuration).map(({ id }) => id)).toEqual(['a'])
  expect(memberOf(configuration, 'c')?.suffrage).toBe('Staging')
  expect(memberOf(configuration, 'd')).toBeUndefined()
})
