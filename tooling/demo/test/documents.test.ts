// What the documents say of files and of defaults is so.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { defaultConfig } from '@raft/core'

const root = resolve(import.meta.dirname, '../../..')
const documents = [
  'README.md',
  'packages/core/README.md',
  'packages/core/ARCHITECTURE.md',
  'tooling/demo/README.md',
  'tooling/demo/FORMAT.md',
]

for (const document of documents) {
  const text = readFileSync(join(root, document), 'utf8')
  const folder = dirname(join(root, document))

  test(`the links of ${document} lead somewhere`, () => {
    const targets = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target)
    const local = targets.filter((target) => !/^https?:/.test(target))
    expect(local.filter((target) => !existsSync(join(folder, target)))).toEqual([])
  })

  test(`the files that ${document} names exist`, () => {
    const named = [...text.matchAll(/`((?:src|test|packages|tooling)\/[\w./-]+)`/g)].map(([, path = '']) => path)
    const missing = named.filter((path) => !existsSync(join(folder, path)) && !existsSync(join(root, path)))
    expect(missing).toEqual([])
  })
}

test('the rules that ARCHITECTURE.md lists are where it says', () => {
  const text = readFileSync(join(root, 'packages/core/ARCHITECTURE.md'), 'utf8')
  const core = join(root, 'packages/core')
  const rules = [...text.matchAll(/`([\w/-]+\.ts)`/g)].map(([, path = '']) => path)
  expect(rules.length).toBeGreaterThan(10)
  const places = ['src', 'src/consensus', 'src/raft', 'src/wire', 'test', 'test/consensus', '.']
  expect(rules.filter((path) => !places.some((place) => existsSync(join(core, place, path))))).toEqual([])
  const transcripts = [...text.matchAll(/`([\w-]+\.txt)`/g)].map(([, path = '']) => path)
  expect(transcripts.filter((path) => !existsSync(join(core, 'test/transcripts', path)))).toEqual([])
})

test('the defaults in the README of core are those of defaultConfig()', () => {
  const text = readFileSync(join(root, 'packages/core/README.md'), 'utf8')
  const rows = [...text.matchAll(/^\| `(\w+)` +\| ([\w,]+) +\|/gm)].map(([, name = '', value = '']) => [name, value])
  expect(rows.length).toBeGreaterThan(10)
  const defaults: Readonly<Record<string, unknown>> = { ...defaultConfig() }
  for (const [name = '', value = ''] of rows) {
    expect(`${name} ${value.replaceAll(',', '')}`).toBe(`${name} ${String(defaults[name])}`)
  }
})
