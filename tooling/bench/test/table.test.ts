import { expect, test } from 'vitest'
import type { Result } from '../src/measure/task.ts'
import { chart } from '../src/report/chart.ts'
import { markdownTable } from '../src/report/markdown.ts'
import { milliseconds, ratio, short, spread } from '../src/report/numbers.ts'
import { panelsOf } from '../src/report/panels.ts'
import { between } from '../src/report/readme.ts'
import { comparisons, resultTable, shortfalls } from '../src/report/table.ts'
import { type Cell, contendersOf } from '../src/suite/cell.ts'
import { ceiling, ours } from '../src/suite/contender.ts'
import { groupsOf } from '../src/suite/rounds.ts'
import { Samples } from '../src/suite/samples.ts'
import { median, spreadOf } from '../src/suite/statistics.ts'

const memory: Cell = { setting: 'memory', clients: 64, bytes: 128, nodes: 3 }
const durable: Cell = { setting: 'durable', clients: 64, bytes: 128, nodes: 3 }

function result(appliesPerSecond: number, p99 = 1): Result {
  return { applies: 1, seconds: 1, appliesPerSecond, p50: p99 / 2, p99, p999: p99, max: p99, cpuLeader: 1 }
}

/** Every contender of a cell with the figures that its name is given. */
function samplesOf(cell: Cell, figures: Readonly<Record<string, readonly [applies: number, p99: number]>>): Samples {
  const samples = new Samples()
  for (const contender of contendersOf(cell.setting)) {
    const [applies, p99] = figures[contender.name]!
    samples.add(cell, contender, 1, result(applies, p99))
  }
  return samples
}

test('the median is the middle one, or between the two in the middle', () => {
  expect(median([5, 1, 3])).toBe(3)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(() => median([])).toThrow(RangeError)
  expect(spreadOf([2, 9, 4])).toEqual({ median: 4, min: 2, max: 9 })
})

test.each([
  [0.123, '0.12'],
  [9.996, '10.0'],
  [99.96, '100'],
  [999.6, '1.00k'],
  [1_234, '1.23k'],
  [394_400, '394k'],
  [999_600, '1.00M'],
  [2_640_000, '2.64M'],
])('%d is written %s', (value, text) => expect(short(value)).toBe(text))

test('short times have a digit more, a single figure no range, and a ratio is never rounded up to its goal', () => {
  expect(milliseconds(0.0432)).toBe('0.043')
  expect(milliseconds(12.34)).toBe('12.3')
  expect(spread({ median: 1_000, min: 1_000, max: 1_000 })).toBe('1.00k')
  expect(spread({ median: 1_000, min: 900, max: 1_200 })).toBe('1.00k (900–1.20k)')
  expect(ratio(1.999, 2)).toBe('1.99 < 2')
  expect(ratio(2, 2)).toBe('2.00 ≥ 2')
  expect(ratio(0.5, undefined)).toBe('0.50')
  expect(ratio(undefined, 2)).toBe('–')
})

test('a table is as wide as the formatter makes it', () => {
  expect(markdownTable(['a', 'bb'], [['x', '1'], ['long', '22222']])).toBe(`\
| a    |    bb |
| ---- | ----: |
| x    |     1 |
| long | 22222 |`) // prettier-ignore
})

test('we are compared with the better of the ways in which Go is set up, by speed, and with the shorter p99', () => {
  const samples = samplesOf(memory, {
    ours: [600, 2],
    ceiling: [1_000, 1],
    'Go, tuned': [100, 5],
    'Go, defaults': [90, 3],
  })
  const [row] = comparisons(samples, [memory])
  expect(row).toMatchObject({ ratio: 6, goal: 6.5, ceilingRatio: 0.6, ceilingGoal: 0.4, goP99: 3 })
  expect(row!.go!.contender).toBe('Go, tuned')
  expect(shortfalls([row!])).toEqual(['one process, in memory, 64 clients: ours ÷ Go is 6.00, the goal 6.5'])
})

test('a p99 above the one of Go is a shortfall, even if all else is better', () => {
  const samples = samplesOf(memory, {
    ours: [900, 4],
    ceiling: [1_000, 1],
    'Go, tuned': [100, 5],
    'Go, defaults': [90, 3],
  })
  expect(shortfalls(comparisons(samples, [memory]))).toEqual([
    'one process, in memory, 64 clients: the p99 is 4.00 ms, that of Go 3.00 ms',
  ])
})

test('durable has a row for each store of Go, store by store', () => {
  const other = { ...durable, clients: 1_024 }
  const samples = samplesOf(durable, everybody(100))
  for (const contender of contendersOf(other.setting)) samples.add(other, contender, 1, result(100))
  expect(comparisons(samples, [durable, other]).map(({ cell, rival, goal }) => [cell.clients, rival, goal])).toEqual([
    [64, 'Go, raft-wal', 2],
    [1_024, 'Go, raft-wal', 2],
    [64, 'Go, raft-boltdb', 4],
    [1_024, 'Go, raft-boltdb', 4],
  ])
})

test('without Go there is one row a cell, and no ratio to Go', () => {
  const samples = new Samples()
  for (const contender of contendersOf('durable', { go: false })) samples.add(durable, contender, 1, result(100))
  const table = resultTable(samples, [durable])
  expect(table.split('\n')).toHaveLength(3)
  expect(table.split('\n')[2]!.replace(/ +/g, ' ')).toBe(
    '| three processes, TCP, durable | 64 | 100 | – | – | 1.00 ≥ 0.4 | 1.00 | – |',
  )
})

test('medians are over the rounds', () => {
  const samples = new Samples()
  for (const [round, applies] of [10, 30, 20].entries()) samples.add(memory, ours, round, result(applies))
  expect(samples.figures(memory, ours)!.appliesPerSecond).toEqual({ median: 20, min: 10, max: 30 })
  expect(samples.rounds).toBe(3)
})

test('a ratio is of figures of the same round, and rounds that lack one are left out', () => {
  const samples = new Samples()
  // A machine that is half as fast in every other round.
  for (const [round, applies] of [40, 20, 50, 10].entries()) samples.add(memory, ours, round, result(applies))
  for (const [round, applies] of [10, 5, 10].entries()) samples.add(memory, ceiling, round, result(applies))
  expect(samples.ratio(memory, ours, ceiling)).toBe(4)
  expect(samples.ratio(durable, ours, ceiling)).toBeUndefined()
})

test('what is alike is measured side by side, and what is to be apart one after the other', () => {
  const cells = [memory, { ...memory, clients: 1 }, durable]
  const contenders = (): typeof all => all
  const all = [ours, ceiling]
  expect(groupsOf({ cells, contenders, apart: false }, 1)).toEqual([
    { cells: cells.slice(0, 2), contenders: all, complete: cells.slice(0, 2) },
    { cells: [durable], contenders: all, complete: [durable] },
  ])
  expect(groupsOf({ cells: [memory, durable], contenders, apart: true }, 1)).toEqual([
    { cells: [memory], contenders: [ceiling], complete: [] },
    { cells: [memory], contenders: [ours], complete: [memory] },
    { cells: [durable], contenders: [ceiling], complete: [] },
    { cells: [durable], contenders: [ours], complete: [durable] },
  ])
})

test('the chart has a panel for each setting and a line for each contender', () => {
  const samples = samplesOf(durable, everybody(5_000))
  for (const contender of contendersOf('memory')) samples.add(memory, contender, 1, result(70_000))
  const drawn = chart(panelsOf(comparisons(samples, [memory, durable])))
  expect(drawn.match(/<g /g)).toHaveLength(2)
  expect(drawn.match(/<polyline/g)).toHaveLength(3 + 4)
  expect(drawn).not.toMatch(/NaN|undefined|Infinity/)
})

test('the figures replace what is between the marks, and nothing else', () => {
  const marks = ['<!-- bench: npm run bench -- --write -->', '<!-- /bench -->']
  const before = `# Title\n\n${marks[0]}\n\nold\n\n${marks[1]}\n\nrest\n`
  expect(between(before, 'new\n')).toBe(before.replace('old', 'new'))
  expect(() => between('# Title', 'new')).toThrow('has no place for the figures')
})

function everybody(applies: number): Record<string, readonly [number, number]> {
  return Object.fromEntries(contendersOf('durable').map(({ name }) => [name, [applies, 1] as const]))
}
