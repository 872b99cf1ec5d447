import { deepEqual } from 'node:assert/strict'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { compile } from '@raft-tooling/snippets/compile'
import { afterAll, test } from 'vitest'
import { publishedPackages } from '../src/pack.mjs'

const here = resolve(import.meta.dirname, '..')
const top = realpathSync(mkdtempSync(join(tmpdir(), 'raft-consumer-')))
afterAll(() => rmSync(top, { recursive: true, force: true }))

const entries = publishedPackages().flatMap(({ name, manifest }) =>
  Object.keys(manifest.exports)
    .filter((entry) => !entry.endsWith('.json'))
    .map((entry) => name + entry.slice(1)),
)
const forTheBrowser = ['@raft/core', '@raft/core/wire', '@raft/store-inmem']

/** What a strict compiler, which reads our declarations too, says about programs that import these entries. */
function complaints(folder: string, imported: string[], types: string[]): string[] {
  const programs = imported.map((entry, at) => ({ name: `program-${at}`, code: `export * as it from '${entry}'\n` }))
  const messages = compile(join(top, folder), programs, {
    modules: join(here, 'node_modules'),
    typeRoots: [resolve(here, '../../node_modules/@types')],
    settings: { skipLibCheck: false, types, noEmit: true },
  })
  return [...messages.values()].flat()
}

test('every entry compiles in a strict project that checks declarations', { timeout: 60_000 }, () => {
  deepEqual(complaints('node', entries, ['node']), [])
})

test('what runs in a browser compiles without the types of Node', { timeout: 60_000 }, () => {
  deepEqual(complaints('browser', forTheBrowser, []), [])
})
