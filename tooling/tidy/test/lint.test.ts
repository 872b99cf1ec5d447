import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { equal, match } from 'node:assert/strict'
import { afterAll, beforeAll, test } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')
let copy: string

// The linter's own settings, over a small copy of the tree in which bad code does no harm.
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'raft-lint-'))
  writeFileSync(join(copy, '.oxlintrc.json'), readFileSync(join(root, '.oxlintrc.json')))
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')
  mkdirSync(join(copy, 'packages/core'), { recursive: true })
  const options = { strict: true, module: 'nodenext', target: 'es2023', noEmit: true, types: ['node'] }
  writeFileSync(
    join(copy, 'packages/core/tsconfig.json'),
    JSON.stringify({ compilerOptions: options, include: ['src'] }),
  )
})
afterAll(() => rmSync(copy, { recursive: true, force: true }))

const rules = 'packages/core/src/consensus/bad.ts'
const node = 'packages/core/src/raft/bad.ts'

const cases = [
  {
    path: rules,
    text: 'export const now = () => Date.now()',
    rule: 'no-restricted-globals',
    why: 'the rules read the date',
  },
  {
    path: rules,
    text: 'export const now = () => performance.now()',
    rule: 'no-restricted-globals',
    why: 'the rules read a clock',
  },
  {
    path: rules,
    text: 'export const chance = () => Math.random()',
    rule: 'no-restricted-properties',
    why: 'the rules roll dice',
  },
  {
    path: rules,
    text: 'export const later = (f: () => void) => setTimeout(f, 1)',
    rule: 'no-restricted-globals',
    why: 'the rules set a timer',
  },
  {
    path: rules,
    text: 'export const later = () => Promise.resolve()',
    rule: 'no-restricted-globals',
    why: 'the rules make a promise',
  },
  {
    path: rules,
    text: "export { readFileSync } from 'node:fs'",
    rule: 'no-restricted-imports',
    why: 'the rules read a file',
  },
  {
    path: rules,
    text: "export { encode } from '../wire/index.ts'",
    rule: 'no-restricted-imports',
    why: 'the rules encode',
  },
  { path: rules, text: 'export const most = (a: number) => Math.max(a, 1)', why: 'the rules do arithmetic' },
  { path: node, text: 'export const now = () => Date.now()', why: 'the node may read what the rules may not' },
  { path: node, text: 'export const f = (a: any) => a', rule: 'no-explicit-any', why: 'any' },
  { path: node, text: 'export default 1', rule: 'no-default-export', why: 'a default export' },
  {
    path: node,
    text: 'const f = async () => 1\nexport const g = () => { f() }',
    rule: 'no-floating-promises',
    why: 'a promise nobody waits for',
  },
  {
    path: node,
    text: "export function f(a: 'x' | 'y') {\n  switch (a) {\n    case 'x':\n      return 1\n  }\n  return 2\n}",
    rule: 'switch-exhaustiveness-check',
    why: 'a switch that forgets a case',
  },
]
for (const { path, text, rule, why } of cases) {
  test(`${rule ?? 'fine'}: ${why}`, () => {
    const file = join(copy, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `${text}\n`)
    const oxlint = join(root, 'node_modules/oxlint/bin/oxlint')
    const { status, stdout } = spawnSync(process.execPath, [oxlint, '--deny-warnings', path], {
      cwd: copy,
      encoding: 'utf8',
    })
    rmSync(file)
    equal(status, rule === undefined ? 0 : 1, stdout)
    if (rule !== undefined) match(stdout, new RegExp(`\\(${rule}\\)`))
  })
}
