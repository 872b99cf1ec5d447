import { deepEqual } from 'node:assert/strict'
import { test } from 'vitest'
import { complaintsAboutSource, oversized, parse } from '../src/source-rules.mjs'

const core = { name: '@raft/core', dependencies: { '@msgpack/msgpack': '1' } }
const tcp = {
  name: '@raft/transport-tcp',
  dependencies: { '@raft/core': '1' },
  devDependencies: { '@raft/testing': '1' },
}
const rules = 'packages/core/src/consensus/election.ts'
const node = 'packages/core/src/raft/raft.ts'

const cases = [
  { why: 'a default export', path: node, text: 'export default 1', complaint: 'no-default-export' },
  { why: 'a default class', path: node, text: 'export default class {}', complaint: 'no-default-export' },
  { why: "a tool's configuration", path: 'packages/core/vitest.config.ts', text: 'export default 1' },
  { why: 'a star export', path: node, text: "export * from './a.ts'", complaint: 'no-star-export' },
  { why: 'a note to self', path: node, text: '// TO' + 'DO later', complaint: 'no-unfinished' },

  { why: 'the rules import a type', path: rules, text: "import type { Log } from '../types/log.ts'" },
  { why: 'the rules import a rule', path: rules, text: "import { quorum } from './quorum.ts'" },
  {
    why: 'the rules import the node',
    path: rules,
    text: "import { Raft } from '../raft/raft.ts'",
    complaint: 'import-direction',
  },
  { why: 'the rules import the codec', path: rules, text: "import '../wire/index.ts'", complaint: 'import-direction' },
  { why: 'the rules import the files', path: rules, text: "import '../fs/index.ts'", complaint: 'import-direction' },
  {
    why: 'the rules import an interface',
    path: rules,
    text: "import type { A } from '../interfaces/a.ts'",
    complaint: 'import-direction',
  },
  {
    why: 'the rules mention a type of the node',
    path: rules,
    text: "type A = import('../raft/raft.ts').Raft",
    complaint: 'import-direction',
  },
  { why: 'the rules import a package', path: rules, text: "import '@msgpack/msgpack'", complaint: 'import-direction' },
  { why: 'the node imports the rules', path: node, text: "import { step } from '../consensus/step.ts'" },
  { why: 'the node imports the files', path: node, text: "import '../fs/index.ts'", complaint: 'import-direction' },
  {
    why: 'a type imports a rule',
    path: 'packages/core/src/types/a.ts',
    text: "import '../consensus/a.ts'",
    complaint: 'import-direction',
  },
  {
    why: 'the codec imports the node',
    path: 'packages/core/src/wire/a.ts',
    text: "import '../raft/a.ts'",
    complaint: 'import-direction',
  },
  {
    why: 'the entry imports the files',
    path: 'packages/core/src/index.ts',
    text: "export { a } from './fs/a.ts'",
    complaint: 'import-direction',
  },
  { why: 'a room nobody knows', path: 'packages/core/src/utils/a.ts', text: '', complaint: 'import-direction' },

  { why: 'the node imports a built-in', path: node, text: "import 'node:fs'", complaint: 'no-node-in-core' },
  { why: 'the files import a built-in', path: 'packages/core/src/fs/index.ts', text: "import 'node:fs'" },
  { why: 'an import without an extension', path: node, text: "import './peers'", complaint: 'import-extension' },
  {
    why: 'an adapter imports an adapter',
    path: 'packages/transport-tcp/src/a.ts',
    text: "import '@raft/transport-ws'",
    complaint: 'undeclared-dependency',
  },
  {
    why: 'an adapter imports an entry of core',
    path: 'packages/transport-tcp/src/a.ts',
    text: "import '@raft/core/wire'",
  },
  {
    why: 'an adapter imports its test tools',
    path: 'packages/transport-tcp/src/a.ts',
    text: "import '@raft/testing'",
    complaint: 'undeclared-dependency',
  },
  {
    why: 'a test imports its test tools',
    path: 'packages/transport-tcp/test/a.test.ts',
    text: "import '@raft/testing/conformance'",
  },

  { why: 'the rules read the date', path: rules, text: 'const a = Date.now()', complaint: 'pure-consensus' },
  { why: 'the rules read a clock', path: rules, text: 'const a = performance.now()', complaint: 'pure-consensus' },
  { why: 'the rules roll dice', path: rules, text: 'const a = Math.random()', complaint: 'pure-consensus' },
  { why: 'the rules set a timer', path: rules, text: 'setTimeout(() => {}, 1)', complaint: 'pure-consensus' },
  { why: 'the rules wait', path: rules, text: 'async function a() {}', complaint: 'pure-consensus' },
  { why: 'the rules wait in an arrow', path: rules, text: 'const a = async () => {}', complaint: 'pure-consensus' },
  { why: 'the rules wait in a method', path: rules, text: 'class A { async a() {} }', complaint: 'pure-consensus' },
  { why: 'the rules return a promise', path: rules, text: 'type A = Promise<void>', complaint: 'pure-consensus' },
  { why: 'the rules read the environment', path: rules, text: 'const a = process.env', complaint: 'pure-consensus' },
  { why: 'the rules do arithmetic', path: rules, text: 'const a = Math.max(1, 2)' },
  { why: 'a member is called like a global', path: rules, text: 'const a = { process: 1 }; a.process' },
  { why: 'the node waits', path: node, text: 'async function a() { await Promise.resolve() }' },
]
for (const { why, path, text, complaint } of cases) {
  test(`${complaint ?? 'fine'}: ${why}`, () => {
    const manifest = path.startsWith('packages/core/') ? core : tcp
    const found = [...complaintsAboutSource(parse(path, text), manifest)]
    deepEqual([...new Set(found.map(({ rule }) => rule))].slice(0, 1), complaint === undefined ? [] : [complaint])
  })
}

test('a file and a function above their limits are found by name', () => {
  const lines = Array.from({ length: 401 }, () => '  const a = 1\n').join('')
  const found = [...oversized(parse(node, `function long() {\n${lines}}\n`))]
  deepEqual(
    found.map(({ key, size }) => [key, size]),
    [
      [node, 403],
      [`${node}#long`, 403],
    ],
  )
})

test('a file and a function at their limits are fine', () => {
  const body = Array.from({ length: 68 }, () => '  const a = 1\n').join('')
  deepEqual([...oversized(parse(node, `function long() {\n${body}}\n`))], [])
})
