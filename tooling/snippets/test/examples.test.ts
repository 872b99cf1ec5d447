import { equal, ok } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { compile } from '../src/compile.mjs'
import { allExamples, documents } from '../src/documents.mjs'
import { packagesOf } from '../src/extract.mjs'

const here = resolve(import.meta.dirname, '..')
const vitest = resolve(here, '../../node_modules/vitest/vitest.mjs')
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'raft-examples-')))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const programs = allExamples().map((example, at) => ({ ...example, name: `example-${at + 1}` }))
const messages = compile(folder, programs, {
  modules: join(here, 'node_modules'),
  typeRoots: [resolve(here, '../../node_modules/@types')],
})

test('every package has a document', () => ok(documents().length >= 8))

for (const { document, line, name, code, run } of programs) {
  describe(`${document}:${line}`, () => {
    test('compiles', () => equal(messages.get(name)?.join('\n\n'), ''))
    if (run) test('runs', { timeout: 90_000 }, () => execute(name, code))
  })
}

/** Runs one program in a folder of its own. One that imports from vitest is a test file, and run as one. */
async function execute(name: string, code: string): Promise<void> {
  const cwd = mkdtempSync(join(folder, `${name}-`))
  const program = join(folder, `${name}.js`)
  const parameters = packagesOf(code).includes('vitest')
    ? [vitest, 'run', '--root', folder, '--dir', folder, '--include', `${name}.js`]
    : ['--enable-source-maps', program]
  const { status, output } = await ended(parameters, cwd)
  equal(status, 0, `it ended with status ${status}:\n${output}`)
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
