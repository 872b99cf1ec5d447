import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')

test('a copy of the template passes the suites, under node:test and Vitest', () => {
  const parent = mkdtempSync(join(tmpdir(), 'raft-new-store-'))
  onTestFinished(() => rmSync(parent, { recursive: true }))
  const folder = join(parent, 'store')
  const run = (cwd: string, ...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' })
    expect(`${stdout}${stderr}`.length > 0 ? [status, stdout, stderr] : []).toContain(0)
    return stdout
  }
  run(root, join(import.meta.dirname, '../src/new-store.mjs'), 'mine', folder)
  symlinkSync(join(import.meta.dirname, '../node_modules'), join(folder, 'node_modules'))
  symlinkSync(join(root, 'node_modules'), join(parent, 'node_modules'))
  const tap = run(folder, '--test-reporter=tap', 'test/conformance.node.mjs')
  expect(Number(/^# pass (\d+)$/m.exec(tap)?.[1])).toBeGreaterThan(30)
  expect(run(folder, join(root, 'node_modules/vitest/vitest.mjs'), 'run')).toContain('passed')
})
