import { equal, ok } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { compile } from '../src/compile.mjs'
import { allExamples, documents } from '../src/documents.mjs'
import { packagesOf, gistOf } from '../src/extract.mjs'

const here = resolve(import.meta.dirname, '..')
const vitest = resolve(here, '../../node_modules/vitest/vitest.mjs')
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'raft-examples-')))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Writes what programs print into the documents, in place of comparing it. */
const update = process.env['RAFT_UPDATE_TRANSCRIPTS'] === '1'

/** By how many lines the rest of a document has moved. */
const moved = new Map<string, number>()

const programs = allExamples().map((example, at) => {
  // The name by which vitest finds its files.
  const kind = packagesOf(example.code).includes('vitest') ? '.test' : ''
  return { ...example, name: example.file ?? `example-${at + 1}${kind}` }
})
/** The packages that examples see: those of this one, and those of the repository. */
function modulesOf(own: string, shared: string): string {
  const modules = join(folder, 'modules')
  mkdirSync(modules)
  symlinkSync(join(here, 'node_modules', own), join(modules, own), 'junction')
  symlinkSync(join(here, '../../node_modules', shared), join(modules, shared), 'junction')
  return modules
}

const messages = compile(folder, programs, {
  modules: modulesOf('@raft', 'vitest'),
  typeRoots: [resolve(here, '../../node_modules/@types')],
})

test('every package has a document', () => ok(documents().length >= 8))
test('no two examples have one name', () => equal(new Set(programs.map(({ name }) => name)).size, programs.length))

for (const { document, line, name, code, run, output } of programs) {
  describe(`${document}:${line}`, () => {
    test('compiles', () => equal(messages.get(name)?.join('\n\n'), ''))
    if (!run) return
    test('runs', { timeout: 90_000 }, async () => {
      const printed = await execute(name, code)
      if (output === undefined || gistOf(printed) === gistOf(output.text)) return
      if (update) replaceLines(document, output, printed.trimEnd())
      equal(output.text, printed, 'the document shows what it prints (RAFT_UPDATE_TRANSCRIPTS=1 writes it there)')
    })
  })
}

/** Runs one program in a folder of its own. One that imports from vitest is a test file, and run as one. */
async function execute(name: string, code: string): Promise<string> {
  const cwd = mkdtempSync(join(folder, `${name}-`))
  const program = join(folder, `${name}.js`)
  const parameters = packagesOf(code).includes('vitest')
    ? [vitest, 'run', '--root', folder, '--dir', folder, `${name}.js`]
    : ['--enable-source-maps', program]
  const { status, output } = await ended(parameters, cwd)
  equal(status, 0, `it ended with status ${status}:\n${output}`)
  return output
}

/** Puts a text in place of some lines, which may have moved since the document was read. */
function replaceLines(document: string, { line, end }: { line: number; end: number }, text: string): void {
  const path = resolve(here, '../..', document)
  const lines = readFileSync(path, 'utf8').split('\n')
  const by = moved.get(document) ?? 0
  const inserted = text.split('\n')
  lines.splice(line - 1 + by, end - line, ...inserted)
  moved.set(document, by + inserted.length - (end - line))
  writeFileSync(path, lines.join('\n'))
}

function ended(parameters: string[], cwd: string): Promise<{ status: number | string; output: string }> {
  return new Promise((settle, reject) => {
    const child = spawn(process.execPath, parameters, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    const alarm = setTimeout(() => child.kill('SIGKILL'), 60_000)
    const pieces: Uint8Array[] = []
    child.stdout.on('data', (piece: Uint8Array) => pieces.push(piece))
    child.stderr.on('data', (piece: Uint8Array) => pieces.push(piece))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(alarm)
      const killed = signal === 'SIGKILL' ? 'SIGKILL, after a minute' : signal
      settle({ status: code ?? killed ?? 'unknown', output: Buffer.concat(pieces).toString() })
    })
  })
}
