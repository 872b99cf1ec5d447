import { expect, test } from 'vitest'
import { check } from '../src/cluster/checks.ts'
import { type WriteEnd } from '../src/cluster/key-value-client.ts'
import { Ledger, longestGap, percentile } from '../src/cluster/ledger.ts'
import { type Dump } from '../src/http/report-routes.ts'

type Row = Dump['entries'][number]

function ledgerOf(...writes: readonly [key: string, started: number, ended: number, end: WriteEnd][]): Ledger {
  const ledger = new Ledger()
  for (const [key, started, ended, end] of writes)
    ledger.add({ key, value: `v-${key}`, client: 0, started, ended, end })
  return ledger
}

function row(key: string, index: number, { version = 1, value = `v-${key}` } = {}): Row {
  return [key, Buffer.from(value).toString('base64'), index, version]
}

function dump(id: string, entries: readonly Row[], { applied = entries.length, digest = 'd' } = {}): Dump {
  return { id, applied, digest, appliedIndex: 10, entries }
}

const acknowledged = (index: number): WriteEnd => ({ outcome: 'acknowledged', index })
const unknown: WriteEnd = { outcome: 'unknown', reason: 'gone' }
const rejected: WriteEnd = { outcome: 'rejected', reason: 'no leader' }
const two = () => ledgerOf(['a', 0, 5, acknowledged(1)], ['b', 6, 9, acknowledged(2)])

test('two nodes with everything, once, in one order, are fine', () => {
  const ledger = ledgerOf(['a', 0, 5, acknowledged(1)], ['b', 6, 9, acknowledged(2)], ['c', 6, 9, unknown])
  const rows = [row('a', 1), row('b', 2), row('c', 3)]
  expect(check(ledger, [dump('n1', rows), dump('n2', rows)])).toEqual({
    acknowledged: 2,
    unknown: 1,
    unknownApplied: 1,
    complaints: [],
  })
})

const faults: { why: string; ledger?: Ledger; rows: Row[]; other?: Dump }[] = [
  { why: 'n1: b is missing, and was acknowledged at 2', rows: [row('a', 1)] },
  { why: 'n1: b was applied 2 times', rows: [row('a', 1), row('b', 2, { version: 2 })] },
  { why: 'n1: b has another value', rows: [row('a', 1), row('b', 2, { value: 'x' })] },
  { why: 'n1: b is at 3, and was acknowledged at 2', rows: [row('a', 1), row('b', 3)] },
  { why: 'n1: x was never written', rows: [row('a', 1), row('b', 2), row('x', 3)] },
  {
    why: 'n1: c was rejected and is there',
    ledger: ledgerOf(['c', 0, 1, rejected]),
    rows: [row('c', 1)],
  },
  {
    why: 'n2 and n1 did not apply the same commands (2 and 2)',
    rows: [row('a', 1), row('b', 2)],
    other: dump('n2', [row('a', 1), row('b', 2)], { digest: 'e' }),
  },
  {
    why: 'b began after a was acknowledged, and stands before it',
    ledger: ledgerOf(['a', 0, 5, acknowledged(2)], ['b', 6, 9, acknowledged(1)]),
    rows: [row('b', 1), row('a', 2)],
  },
]
for (const { why, ledger = two(), rows, other } of faults) {
  test(`is noticed: ${why}`, () => {
    expect(check(ledger, [dump('n1', rows), ...(other ? [other] : [])]).complaints).toEqual([why])
  })
}

test('nothing to read is no proof', () => {
  expect(check(two(), []).complaints).toEqual(['no node was read'])
})

test('the longest gap counts the beginning and the end', () => {
  const writes = ledgerOf(['a', 0, 30, acknowledged(1)], ['b', 0, 40, acknowledged(2)]).acknowledged
  expect(longestGap(writes, 0, 45)).toBe(30)
  expect(longestGap(writes, 25, 60)).toBe(20)
  expect(longestGap([], 10, 60)).toBe(50)
})

test('percentiles', () => {
  const numbers = Array.from({ length: 100 }, (_, at) => 100 - at)
  expect([percentile(numbers, 0.5), percentile(numbers, 0.99), percentile([7], 0.99)]).toEqual([50, 99, 7])
})
