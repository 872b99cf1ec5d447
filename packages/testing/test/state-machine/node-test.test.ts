import { equal } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test('simulate and testStateMachine work under node:test too', () => {
  const program = join(import.meta.dirname, 'programs', 'node-test.mjs')
  const { stdout, status } = spawnSync(process.execPath, ['--test-reporter=tap', program], { timeout: 50_000 })
  const count = (what: string): number => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(String(stdout))?.[1])
  equal(status, 0, String(stdout))
  equal(count('fail'), 0)
  expect(count('pass')).toBeGreaterThan(12)
})
