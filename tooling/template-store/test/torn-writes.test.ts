// The suites notice a store that a power cut can break: the template with one thing wrong at a time.
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { LogStore, StableStore } from '@raft/core'
import { checkLogStore, checkStableStore, describeReport, type StoreSetup } from '@raft/testing/conformance'
import ts from 'typescript'
import { afterAll, expect, test } from 'vitest'

type Store = LogStore & StableStore & { readonly path: string; close(): void }

interface Wrong {
  readonly what: string
  /** Texts of the template, and what is in their place. */
  readonly replace: readonly (readonly [string, string])[]
  readonly cases: readonly RegExp[]
}

/** What the cases about files are called. */
const FILES = /power cut|changed on the disk/

const wrong: readonly Wrong[] = [
  {
    what: 'has no checksum',
    replace: [['text.slice(0, 9) === `${checksum(json)} `', 'true']],
    cases: [/while entries are stored/, /value is set/, /changed on the disk/],
  },
  {
    what: 'leaves a torn line where it is',
    replace: [['ftruncateSync(this.#file, end)', '']],
    cases: [/while entries are stored/, /first entry of a new store/, /value is set/],
  },
  {
    what: 'refuses a torn line',
    replace: [['if (end === bytes.length) return', "if (end < bytes.length) throw new Error('torn')"]],
    cases: [/while entries are stored/, /replaced/, /removed/, /in the middle of write/, /value is set/],
  },
  {
    what: 'writes a line for each entry',
    replace: [['if (logs.length > 0) this.#keep({ logs })', 'for (const log of logs) this.#keep({ logs: [log] })']],
    cases: [/while entries are stored/, /replaced/],
  },
  {
    what: 'writes the vote before the entries',
    replace: [['this.#keep({ set, logs,', 'this.#keep({ set })\n    this.#keep({ logs,']],
    cases: [/in the middle of write/],
  },
  {
    what: 'removes entries one by one',
    replace: [
      [
        'this.#keep({ remove: [min, max] })',
        'for (let at = min; at <= Math.min(max, 99); at++) this.#keep({ remove: [at, at] })',
      ],
    ],
    cases: [/removed/],
  },
  {
    what: 'goes on after a line in the middle that is damaged',
    replace: [['if (!follows) throw', 'if (false) throw']],
    cases: [/changed on the disk/],
  },
  {
    what: 'makes nothing durable before it says so',
    replace: [
      ['if (writeSync(this.#file, line) < line.length)', 'if (later.push(line) < 0)'],
      ['fdatasyncSync(this.#file)\n', 'if (later.length > 1) writeSync(this.#file, later.shift())\n'],
      ['export class FileStore', 'const later: any[] = []\nexport class FileStore'],
    ],
    cases: [/while entries are stored/, /value is set/],
  },
]

const folder = mkdtempSync(join(tmpdir(), 'raft-torn-'))
afterAll(() => rmSync(folder, { recursive: true }))
symlinkSync(join(import.meta.dirname, '../node_modules'), join(folder, 'node_modules'))
const template = readFileSync(join(import.meta.dirname, '../template/src/file-store.ts'), 'utf8')

/** The template with the replacements, as a class. */
async function load(name: string, replace: Wrong['replace']): Promise<new (path: string) => Store> {
  let source = template
  for (const [from, to] of replace) {
    expect(source.split(from).length, `${from} is in the template, once`).toBe(2)
    source = source.replace(from, () => to)
  }
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  })
  const path = join(folder, `${name}.mjs`)
  writeFileSync(path, outputText)
  const { FileStore } = (await import(pathToFileURL(path).href)) as { FileStore: new (path: string) => Store }
  return FileStore
}

function setupOf(FileStore: new (path: string) => Store): StoreSetup<Store> {
  const open = (path: string): Store => new FileStore(join(path, 'journal'))
  return {
    create: () => open(mkdtempSync(join(folder, 'store-'))),
    reopen(store) {
      store.close()
      return new FileStore(store.path)
    },
    dispose: (store) => store.close(),
    crash: { folder: (store) => dirname(store.path), open, detectsDamage: true },
  }
}

test('the template as it is passes', async () => {
  const setup = setupOf(await load('right', []))
  for (const report of [await checkLogStore(setup), await checkStableStore(setup)]) {
    expect(describeReport(report)).toMatch(/^\w+ contract 1: \d+ passed, 0 skipped, 0 failed$/)
  }
})

for (const [at, { what, replace, cases }] of wrong.entries()) {
  test(`one that ${what} is noticed`, async () => {
    const setup = setupOf(await load(`wrong-${at}`, replace))
    const failed = [...(await checkLogStore(setup)).failed, ...(await checkStableStore(setup)).failed]
    const names = failed.map(({ name }) => name).filter((name) => FILES.test(name))
    for (const expected of cases) {
      const found = names.filter((name) => expected.test(name))
      expect(found, `a case like ${expected} fails; failed are ${names.join('; ')}`).toHaveLength(1)
    }
  })
}
