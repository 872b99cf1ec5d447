import { expect, test } from 'vitest'
import { readMain } from '../src/options/main.ts'
import { readOne } from '../src/options/one.ts'

test.each([
  [['--clients', '0'], "--clients is a number from 1 on, not '0'"],
  [['--clients', '1.5'], "--clients is a whole number, not '1.5'"],
  [['--bytes', '8'], "--bytes is a number from 16 on, not '8'"],
  [['--seconds', ''], "--seconds is a number from 0.1 on, not ''"],
  [['--side', 'rust'], "--side is one of ours, go, ceiling, not 'rust'"],
  [['--setting', 'disk'], "--setting is one of memory, tcp, durable, not 'disk'"],
  [['--config', '1'], "--config is a JSON object, not '1'"],
  [['--client', '1'], "Unknown option '--client'"],
])('one measurement: %j is refused', (parameters, message) => {
  expect(() => readOne(parameters)).toThrow(`${message}. See --help.`)
})

test('one measurement: what is not said has a default', () => {
  expect(readOne([])).toEqual({
    side: 'ours',
    task: { setting: 'memory', nodes: 3, options: { config: {}, maxRPCsInFlight: undefined } },
    load: { clients: 64, bytes: 128, seconds: 3, warmup: 1 },
    go: { store: 'wal', tuned: true },
    json: false,
  })
  expect(readOne(['--help'])).toBeUndefined()
})

test.each([
  [['--quick', '--all'], '--quick and --all exclude each other'],
  [['--check', '--write'], '--check has no table for the README'],
  [['--only', 'idle'], '--only chooses among --all'],
  [['--fast'], "Unknown option '--fast'"],
])('the benchmark: %j is refused', (parameters, message) => {
  expect(() => readMain(parameters)).toThrow(`${message}. See --help.`)
})

test('the benchmark: without flags it is the table with the goals', () => {
  expect(readMain([])).toEqual({ mode: 'standard', only: '', json: undefined, write: false })
  expect(readMain(['--all', '--only', 'idle'])).toMatchObject({ mode: 'all', only: 'idle' })
  expect(readMain(['--help'])).toBeUndefined()
})
