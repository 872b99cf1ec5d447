import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { entryPoints, root } from '../src/entries.mjs'
import { generate } from '../src/generate.mjs'

test('every public symbol of every package is documented, and the generator has nothing to complain of', async () => {
  const entries = entryPoints()
  expect(entries.map(({ name }: { name: string }) => name)).toEqual([
    '@raft/core',
    '@raft/core/node',
    '@raft/core/wire',
    '@raft/snapshot-file',
    '@raft/snapshot-file/testing',
    '@raft/store-inmem',
    '@raft/store-sqlite',
    '@raft/testing',
    '@raft/testing/conformance',
    '@raft/transport-tcp',
    '@raft/transport-ws',
    '@raft/transport-ws (browser)',
  ])
  const tsconfig = join(root, 'tooling/reference/tsconfig.entries.json')
  const { warnings, symbols } = await generate({ entries, tsconfig })
  expect(warnings).toEqual([])
  for (const name of ['@raft/core: Raft', '@raft/core/node: readPeersJSON', '@raft/transport-tcp: TCPTransport']) {
    expect(symbols).toContain(name)
  }
})

const folder = mkdtempSync(join(tmpdir(), 'raft-reference-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeAll(() => {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: '@raft/fixture', version: '1.0.0' }))
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ include: ['*.d.ts'], compilerOptions: { types: [] } }))
})

async function warningsAbout(declarations: string): Promise<readonly string[]> {
  const path = join(folder, 'index.d.ts')
  writeFileSync(path, declarations)
  const entries = [{ name: 'one', declarations: path }]
  return (await generate({ entries, tsconfig: join(folder, 'tsconfig.json') })).warnings
}

const top = '/** A module.\n * @packageDocumentation\n */\n'

test.each([
  ['a function', `${top}export declare function act(): void`, 'act'],
  ['a type', `${top}export type Thing = string`, 'Thing'],
  ['a constant', `${top}export declare const thing = 1`, 'thing'],
  ['a class', `${top}export declare class Thing {}`, 'Thing'],
  ['a method', `${top}/** It. */\nexport interface Thing { act(): void }`, 'Thing.act'],
  ['a getter', `${top}/** It. */\nexport declare class Thing { get it(): number }`, 'Thing.it'],
])('undocumented: %s', async (_, declarations, name) => {
  const warnings = await warningsAbout(declarations)
  expect(warnings.join()).toContain(`${name}`)
  expect(warnings.join()).toContain('does not have any documentation')
})

test.each([
  ['a link that leads nowhere', `${top}/** See {@link Other}. */\nexport type Thing = string`, 'Other'],
  [
    'a type that is not exported',
    `${top}interface Inner {}\n/** It. */\nexport type Thing = Inner[]\nexport {}`,
    'Inner',
  ],
])('noticed: %s', async (_, declarations, name) => {
  expect((await warningsAbout(declarations)).join()).toContain(name)
})

test('what is documented is no reason to complain', async () => {
  expect(await warningsAbout(`${top}/** It. */\nexport interface Thing {\n  /** Acts. */\n  act(): void }`)).toEqual([])
})
