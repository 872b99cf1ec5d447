import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from './copy.mjs'

const vitest = join(root, 'node_modules/vitest/vitest.mjs')

/**
 * Runs test files of a copy, all of their tests or those whose name matches `pattern`; `bail` ends at the first failure.
 * Returns what failed, each with its file, name and seed; `hangs` is set if it took longer than `seconds`, `broken` if a
 * file could not even be read.
 */
export async function runTests(folder, { paths, not = [], pattern, bail = false }, { seeds, seconds }) {
  const results = join(folder, 'results.json')
  rmSync(results, { force: true })
  const args = ['run', ...paths, '--reporter', 'json', '--outputFile', results]
  if (bail) args.push('--bail', '1')
  if (pattern !== undefined) args.push('-t', pattern)
  args.push(...not.flatMap((path) => ['--exclude', path]))
  const { status, errors } = await run(folder, args, { seeds, seconds })
  if (status === 0) return { failed: [] }
  if (status === 'hangs') return { failed: [], hangs: true }
  const found = existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')).testResults : []
  const failed = found.flatMap((file) => failuresIn(file, folder))
  const broken = found.find(({ assertionResults, message }) => assertionResults.length === 0 && message !== '')
  if (broken !== undefined) return { failed, broken: `${broken.name}: ${broken.message}` }
  if (failed.length > 0) return { failed }
  const line = errors.split('\n').find((text) => /Error/.test(text)) ?? 'nothing'
  return { failed: [{ path: '', name: `an error outside of tests: ${line.trim()}` }] }
}

function failuresIn({ name: file, assertionResults }, folder) {
  const failed = assertionResults.filter(({ status }) => status === 'failed')
  return failed.map(({ fullName, failureMessages }) => ({
    path: relative(folder, file),
    name: fullName.trim(),
    seed: /seed (\d+)/.exec(failureMessages.join('\n'))?.[1],
  }))
}

function run(folder, args, { seeds, seconds }) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [vitest, ...args], {
      cwd: folder,
      env: { ...process.env, RAFT_SEEDS: String(seeds), NO_COLOR: '1' },
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let errors = ''
    let hangs = false
    child.stderr.on('data', (chunk) => (errors += chunk))
    const timer = setTimeout(() => {
      hangs = true
      // What it started too: a rule that is broken may never return.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }, seconds * 1000)
    child.on('close', (status) => {
      clearTimeout(timer)
      resolve({ status: hangs ? 'hangs' : status, errors })
    })
  })
}
