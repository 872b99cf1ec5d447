import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')

test('a copy of the template passes the suites, compiled, under node:test and Vitest', { timeout: 120_000 }, () => {
  const parent = mkdtempSync(join(tmpdir(), 'raft-new-store-'))
  onTestFinished(() => rmSync(parent, { recursive: true }))
  const folder = join(parent, 'store')
  const run = (cwd: string, ...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' })
    if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`)
    return stdout
  }
  run(root, join(import.meta.dirname, '../src/new-store.mjs'), 'mine', folder)
  symlinkSync(join(import.meta.dirname, '../node_modules'), join(folder, 'node_modules'))
  symlinkSync(join(root, 'node_modules'), join(parent, 'node_modules'))
  run(folder, join(root, 'node_modules/typescript/bin/tsc'))
  const tap = run(folder, '--test', '--test-reporter=tap', 'dist/test/conformance.node.js')
  expect(Number(/^# pass (\d+)$/m.exec(tap)?.[1])).toBeGreaterThan(50)
  expect(tap).toContain('LogStore contract 1: a power cut while entries are stored')
  expect(/^# skipped (\d+)$/m.exec(tap)?.[1]).toBe('0')
  expect(run(folder, join(root, 'node_modules/vitest/vitest.mjs'), 'run')).toContain('passed')
})
