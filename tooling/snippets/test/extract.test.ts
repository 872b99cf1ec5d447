import { deepEqual, equal, notEqual, throws } from 'node:assert/strict'
import { describe, test } from 'vitest'
import { examplesIn, packagesOf, gistOf } from '../src/extract.mjs'

const fence = '```'
const block = (info: string, code: string) => `${fence}${info}\n${code}\n${fence}\n`

describe('examples', () => {
  const cases = [
    { why: 'a block is run', text: block('ts', 'a()'), found: [{ line: 1, code: 'a()\n', run: true }] },
    {
      why: 'one marked so is only compiled',
      text: block('ts no-run', 'a()'),
      found: [{ line: 1, code: 'a()\n', run: false }],
    },
    { why: 'another language is none', text: block('sh', 'npm start'), found: [] },
    {
      why: 'a block goes on',
      text: block('ts', 'a()') + block('ts continued', 'b()'),
      found: [{ line: 1, code: 'a()\nb()\n', run: true }],
    },
    {
      why: 'what is hidden belongs to it',
      text: `<!-- ts\nlet a = 1\n-->\n\n${block('ts', 'a++')}`,
      found: [{ line: 5, code: '\nlet a = 1\n\na++\n', run: true }],
    },
    {
      why: 'prose parts it from a block',
      text: `<!-- ts let a -->\nText.\n${block('ts', 'b')}`,
      found: [{ line: 3, code: 'b\n', run: true }],
    },
    {
      why: 'a block has a name',
      text: block('ts file=a-b.test.ts', 'a()'),
      found: [{ line: 1, code: 'a()\n', run: true, file: 'a-b.test' }],
    },
    {
      why: 'a block has an output',
      text: block('ts', 'a()') + block('text output', '1\n2') + block('text', 'b()'),
      found: [{ line: 1, code: 'a()\n', run: true, output: { line: 5, end: 7, text: '1\n2' } }],
    },
    { why: 'any other text is none', text: block('text', 'a'), found: [] },
    {
      why: 'a block in a list',
      text: `- so:\n\n  ${fence}ts\n  a()\n  ${fence}\n`,
      found: [{ line: 3, code: 'a()\n', run: true }],
    },
  ]
  for (const { why, text, found } of cases) test(why, () => deepEqual(examplesIn(text), found))

  test('an unknown mark is refused', () =>
    throws(() => examplesIn(block('ts norun', 'a()')), /line 1: unknown mark 'norun'/))
  test('a block that does not end is refused', () =>
    throws(() => examplesIn(`${fence}ts\na()\n`), /line 1: the block does not end/))
})

test('an output without a program is refused', () =>
  throws(() => examplesIn(block('text output', '1')), /line 1: there is nothing that prints this/))

test('numbers of an output may change, and what it quotes, and nothing else', () => {
  equal(gistOf('"a" and `b c`'), gistOf('"d" and `e`'))
  equal(gistOf('n3 at 17.25 ms \n'), gistOf('n1 at 4 ms'))
  notEqual(gistOf('n3 at 17 ms'), gistOf('n3 after 17 ms'))
})

test('the packages of a program are named once, without their entries', () => {
  const code =
    "import { a } from '@raft/core'\nimport b from \"ws\"\nimport '@raft/core/wire'\nimport 'node:fs'\nawait import('pino/file')"
  deepEqual(packagesOf(code), ['@raft/core', 'ws', 'pino'])
})
