import { mkdirSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkRows, summary } from '../src/check.mjs'
import { readTable } from '../src/table.mjs'

test('every row of the API page is there', async () => {
  const rows = readTable()
  expect(rows).toHaveLength(265)
  const result = await checkRows(rows)
  expect(result.complaints.map(({ row, message }) => `${row.symbol}: ${message}`)).toEqual([])
  // `npm test` prints it beside the counts.
  mkdirSync('.results', { recursive: true })
  writeFileSync('.results/remark.txt', `${summary(result)} rows of the API page`)
  expect(summary(result)).toBe('265 of 265')
})

// Each is wrong in one way: package, cell, kind, and what must be said of it.
const doctored = [
  ['a function that is not there', '@raft/core', 'hasState(options)', 'value', 'hasState is not declared'],
  [
    'a class that is a function',
    '@raft/core',
    'new bootstrapCluster(options)',
    'value',
    'is a function and not a class',
  ],
  ['a function that is a class', '@raft/core', 'LogCache(capacity, store)', 'value', 'is a class and not a function'],
  ['a type that has no value', '@raft/core', 'new FSM()', 'value', 'FSM is not exported'],
  ['a value that is no type', '@raft/core', 'defaultConfig', 'type', 'defaultConfig is no type'],
  ['a type in another package', '@raft/store-inmem', 'LogStore', 'type', 'LogStore is not declared'],
  ['another number', '@raft/core', 'SUGGESTED_MAX_DATA_SIZE (524289)', 'value', 'is 524288 and not 524289'],
  ['another parameter', '@raft/core', 'decodeConfiguration(text)', 'value', 'calls its parameter bytes and not text'],
  ['one parameter more', '@raft/core', 'defaultConfig(options)', 'value', 'takes no options'],
  ['one parameter less', '@raft/core', 'new LogCache(capacity)', 'value', 'also needs store'],
  ['an option that is not taken', '@raft/testing', 'new InmemTransport({ delay })', 'value', 'takes no option delay'],
  ['a static method of instances', '@raft/core', 'Raft.stats()', 'value', 'Raft.stats is not declared'],
  ['a method of instances that is static', '@raft/core', 'Raft.start', 'member', 'Raft.start is not declared'],
  ['a member that is not there', '@raft/core', 'Raft.leaderCh', 'member', 'Raft.leaderCh is not declared'],
  ['a getter that is a method', '@raft/core', 'Raft.leader', 'member', 'Raft.leader cannot be called'],
  ['a getter that can be set', '@raft/transport-tcp', 'NetworkTransport.timeoutScale (getter)', 'member', 'no getter'],
  ['a getter of another type', '@raft/core', 'Raft.lastContact (getter: Date)', 'member', 'not assignable to'],
  [
    'fields that a value lacks',
    '@raft/core',
    'Raft.leader (getter: { name } | undefined)',
    'member',
    "'name' is missing",
  ],
  ['another result', '@raft/core', 'Raft.snapshot(): Promise<IndexResult>', 'member', 'not assignable to'],
  [
    'a result that nobody knows',
    '@raft/core',
    'Raft.barrier(): Promise<Mystery>',
    'member',
    "no exported member 'Mystery'",
  ],
  ['another field', '@raft/core', 'IndexResult = { place }', 'type', 'IndexResult has no place'],
  [
    'a field that is no method',
    '@raft/core',
    'SnapshotResult = { meta() }',
    'type',
    'SnapshotResult.meta cannot be called',
  ],
  ['another kind of field', '@raft/core', 'AppendFuture: { response: Promise<void> }', 'type', 'and not Promise<void>'],
  ['another union', '@raft/core', "RaftState = 'Follower' | 'Leader'", 'type', 'RaftState is '],
  [
    'another order',
    '@raft/core',
    "ServerSuffrage = 'Nonvoter' | 'Voter' | 'Staging' (0, 1, 2)",
    'type',
    'serverSuffrages is',
  ],
  [
    'another number of a name',
    '@raft/core',
    'LogType (const object: Command 1)',
    'type',
    'LogType.Command is 0 and not 1',
  ],
  [
    'an object with other names',
    '@raft/core',
    'LogType (const object) and its names',
    'type',
    '0 is called LogCommand and not Command',
  ],
  ['what is not deprecated', '@raft/core', 'Raft.barrier() (deprecated)', 'member', 'Raft.barrier is not deprecated'],
  ['what has no comment', '@raft/core', 'Position.index', 'member', 'Position.index has no doc comment'],
  [
    'an error that is not there',
    '@raft/core',
    'PanicError, code ERR_RAFT_PANIC',
    'error',
    'PanicError is not declared',
  ],
  ['another code', '@raft/core', 'LeaderError, code ERR_RAFT_BOSS', 'error', 'has the code ERR_RAFT_LEADER'],
  [
    'what an error lacks',
    '@raft/core',
    'NotVoterError, code ERR_RAFT_NOT_VOTER, carries the index',
    'error',
    'undefined as index',
  ],
  [
    'another outcome',
    '@raft/core',
    'NotVoterError, code ERR_RAFT_NOT_VOTER (outcome unknown)',
    'error',
    'outcome rejected',
  ],
  ['another text', '@raft/core', 'AbortedError, code ERR_RAFT_ABORTED', 'error', "says 'aborted by the caller'"],
  ['prose', '@raft/core', 'see the manual', 'member', "'see the manual' is not understood"],
  ['prose beside a name', '@raft/core', 'Raft.apply or something like it', 'member', 'is not understood'],
] as const

test('a doctored table is noticed, row by row', async () => {
  const rows = doctored.map(([, entry, cell, kind], at) => ({ line: at + 2, symbol: `Symbol${at}`, entry, cell, kind }))
  const { complaints, right } = await checkRows(rows)
  const said = doctored.map(([why, , , , expected], at) => {
    const messages = complaints.filter(({ row }) => row === rows[at]).map(({ message }) => message)
    return messages.some((message) => message.includes(expected)) ? 'noticed' : `${why}: ${messages.join('; ')}`
  })
  expect(said).toEqual(doctored.map(() => 'noticed'))
  expect(right).toBe(0)
})

test.each([
  ['another header', 'symbol\tpackage\ttypescript\tkind\n', 'the table begins with'],
  ['a cell too few', 'api page\tpackage\ttypescript\tkind\nA\t@raft/core\tA\n', 'line 2: a row has 4 cells'],
  ['another kind', 'api page\tpackage\ttypescript\tkind\nA\t@raft/core\tA\tthing\n', "line 2: 'thing' is none of"],
  [
    'a row twice',
    'api page\tpackage\ttypescript\tkind\n' + 'A\t@raft/core\tA\ttype\n'.repeat(2),
    'line 3: A is there twice',
  ],
])('no table: %s', (_, text, message) => {
  expect(() => readTable(text)).toThrow(message)
})
