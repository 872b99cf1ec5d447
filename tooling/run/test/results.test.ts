import { deepEqual, equal, match } from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { nodeComplaint } from '../node-version.mjs'
import { closingLine, countReport, sumResults } from '../results.mjs'
import { headersFolder } from '../workspace.mjs'

const top = mkdtempSync(join(tmpdir(), 'raft-results-'))
afterAll(() => rmSync(top, { recursive: true, force: true }))

const passed = { status: 'passed', fullName: 'passes' }
const failed = { status: 'failed', fullName: 'fails' }
const skipped = { status: 'pending', fullName: 'waits' }

describe('a report', () => {
  const cases = [
    {
      why: 'each test counts once',
      files: [{ status: 'failed', assertionResults: [passed, passed, failed, skipped] }],
      counts: [2, 1, 1],
    },
    {
      why: 'a file that does not load is a failure',
      files: [{ status: 'failed', name: 'a/b.test.ts', message: 'no', assertionResults: [] }],
      counts: [0, 1, 0],
    },
    {
      why: 'a file whose clean-up fails is a failure',
      files: [{ status: 'failed', name: 'b', message: '', assertionResults: [passed] }],
      counts: [1, 1, 0],
    },
    { why: 'no file, no test', files: [], counts: [0, 0, 0] },
  ]
  for (const { why, files, counts } of cases) {
    test(why, () => {
      const count = countReport({ testResults: files })
      deepEqual([count.passed, count.failed, count.skipped], counts)
    })
  }
})

test('packages are added up, and one without a result is named', () => {
  const packages = ['one', 'two', 'three'].map((name) => ({ name, folder: join(top, name) }))
  for (const { folder } of packages.slice(0, 2)) {
    mkdirSync(join(folder, '.results'), { recursive: true })
    const report = { testResults: [{ status: 'failed', assertionResults: [passed, failed] }] }
    writeFileSync(join(folder, '.results/vitest.json'), JSON.stringify(report))
  }
  writeFileSync(join(top, 'two/.results/remark.txt'), '3 of 3 rows\n')
  const sum = sumResults(packages)
  deepEqual(
    sum.rows.map(({ remark }: { remark?: string }) => remark),
    [undefined, '3 of 3 rows'],
  )
  deepEqual([sum.passed, sum.failed, sum.silent, sum.failures], [2, 2, ['three'], ['one: fails', 'two: fails']])
})

test('the closing line mentions skipped tests only if there are any', () => {
  equal(closingLine({ passed: 3, failed: 0, skipped: 0 }), '3 passed, 0 failed')
  equal(closingLine({ passed: 3, failed: 1, skipped: 2 }), '3 passed, 1 failed, 2 skipped')
})

describe('a version of Node', () => {
  const cases = [
    { version: 'v20.19.0', good: true },
    { version: 'v20.18.9', good: false },
    { version: 'v18.20.4', good: false },
    { version: 'v22.0.0', good: true },
    { version: 'v100.1.0', good: true },
  ]
  for (const { version, good } of cases) {
    test(`${version} ${good ? 'will do' : 'is too old'}`, () => equal(nodeComplaint(version) === undefined, good))
  }
  test('a complaint is one sentence that names both versions', () => {
    match(nodeComplaint('v18.0.0') ?? '', /^This needs Node 20\.19 or newer, and found v18\.0\.0 \(.*\)\.$/)
  })
})

test("headers beside Node are used only if they are this version's", () => {
  const include = join(top, 'node/include/node')
  mkdirSync(include, { recursive: true })
  const version = (major: number) =>
    `#define NODE_MAJOR_VERSION ${major}\n#define NODE_MINOR_VERSION 1\n#define NODE_PATCH_VERSION 2\n`
  writeFileSync(join(include, 'node_version.h'), version(24))
  const execPath = join(top, 'node/bin/node')
  equal(headersFolder(execPath, 'v24.1.2'), join(top, 'node'))
  equal(headersFolder(execPath, 'v22.1.2'), undefined)
  equal(headersFolder(join(top, 'elsewhere/bin/node'), 'v24.1.2'), undefined)
})
