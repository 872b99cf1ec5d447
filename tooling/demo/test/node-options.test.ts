import { expect, test } from 'vitest'
import { nodeHelp, readNodeOptions } from '../src/node-options.ts'

const needed = ['--id', 'n1', '--raft', '127.0.0.1:1', '--http', '127.0.0.1:2', '--data', 'folder']

test('what is not given has a default', () => {
  expect(readNodeOptions(needed, {})).toEqual({
    id: 'n1',
    raft: '127.0.0.1:1',
    http: '127.0.0.1:2',
    data: 'folder',
    bootstrap: [],
    join: undefined,
    heartbeat: 500,
    trailingLogs: 128,
    snapshotThreshold: 8_192,
    snapshotInterval: 10_000,
    stopWithParent: false,
  })
})

test('a variable stands in for a parameter, and gives way to one', () => {
  const variables = { RAFT_DEMO_HEARTBEAT: '700', RAFT_DEMO_TRAILING_LOGS: '5', RAFT_DEMO_ID: 'n7' }
  const options = readNodeOptions([...needed, '--heartbeat=300', '--bootstrap', 'n1=a:1,n2=b:2'], variables)
  expect(options).toMatchObject({
    id: 'n1',
    heartbeat: 300,
    trailingLogs: 5,
    bootstrap: [
      { id: 'n1', address: 'a:1' },
      { id: 'n2', address: 'b:2' },
    ],
  })
})

const wrong = [
  { parameters: [], why: '--id is missing; --help tells what it is.' },
  { parameters: [...needed, '--http', 'here'], why: '--http is HOST:PORT, not here.' },
  { parameters: [...needed, '--raft', 'here:99999'], why: '--raft is HOST:PORT, not here:99999.' },
  { parameters: [...needed, '--heartbeat', 'fast'], why: '--heartbeat is a whole number, not fast.' },
  { parameters: [...needed, '--bootstrap', 'a:1'], why: '--bootstrap is ID=HOST:PORT,…, not a:1.' },
]
for (const { parameters, why } of wrong) {
  test(`says: ${why}`, () => expect(() => readNodeOptions(parameters, {})).toThrow(why))
}

test('help names every parameter', () => {
  expect(readNodeOptions(['--help'], {})).toBeUndefined()
  for (const name of [
    'id',
    'raft',
    'http',
    'data',
    'bootstrap',
    'join',
    'heartbeat',
    'trailing-logs',
    'stop-with-parent',
  ]) {
    expect(nodeHelp).toContain(`--${name} `)
  }
})
