import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { pageOf } from '../src/page.mjs'
import { textsIn } from '../src/running.mjs'
import { complaintAbout, complaintsAbout, tables } from '../src/tables.mjs'

describe('every row has a test that exists and runs, or a reason', () => {
  for (const table of tables) {
    test(`${table.file}: ${table.rows} rows`, () => expect(complaintsAbout(table)).toEqual([]))
  }
})

test('the page is what the tables say', () => {
  expect(readFileSync(new URL('../README.md', import.meta.url), 'utf8')).toBe(pageOf())
})

describe('noticed', () => {
  const path = 'tooling/coverage/test/coverage.test.ts'
  test('a file that is not there', () => {
    expect(complaintAbout({ path: 'nowhere.test.ts', title: 'x' })).toBe('there is no nowhere.test.ts')
  })

  test('a test that is not there', () => {
    expect(complaintAbout({ path, title: ['not', 'there'].join(' ') })).toMatch(/has no test/)
  })

  test('a row that is missing, and one without a test or a reason', () => {
    const rows = [{ group: 'Q', name: 'Q1', tests: [], note: '' }]
    expect(complaintsAbout({ file: 'x.tsv', rows: 2 }, rows)).toEqual([
      'x.tsv has 1 rows, not 2',
      'x.tsv: Q1 has neither a test nor a reason',
    ])
  })

  test.each([
    ["test('x', run)", []],
    ["test.each(rows)('x', run)", []],
    ["test.skip('x', run)", ['skip']],
    ["test.skipIf(slow)('x', run)", ['skipIf']],
    ["test.runIf(fast)('x', run)", ['runIf']],
    ["test.todo('x')", ['todo']],
    ["test.only('x', run)", ['only']],
    ["test.fails('x', run)", ['fails']],
    ["test.skip.each(rows)('x', run)", ['skip']],
    ["test.each(rows).only('x', run)", ['only']],
    ["test('x', { skip: true }, run)", ['skip']],
    ["describe.skip('group', () => { test('x', run) })", ['skip']],
    ["describe.skipIf(slow)('group', () => { for (const _ of cases) test('x', run) })", ['skipIf']],
  ])('what keeps a test from running: %s', (source, marks) => {
    expect(textsIn(source).filter(({ text }) => text === 'x')).toEqual([{ text: 'x', marks }])
  })
})
