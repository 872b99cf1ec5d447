import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './copy.mjs'

const vitest = join(root, 'node_modules/vitest/vitest.mjs')

/** What may notice, cheapest first: tables and transcripts, the node's tests, then random histories of both. */
const suites = {
  rules: { paths: ['test/consensus'], not: ['**/random.test.ts'] },
  raft: { paths: ['test/raft', 'test/wire'], not: ['**/random.test.ts'] },
  histories: { paths: ['test/consensus/random.test.ts'], not: [] },
  'histories of nodes': { paths: ['test/raft/random.test.ts'], not: [] },
}

/** The suites in the order in which they are asked about a breakage. */
export function orderFor({ suite }) {
  return suite === 'raft'
    ? ['raft', 'histories of nodes', 'rules', 'histories']
    : ['rules', 'histories', 'raft', 'histories of nodes']
}

/** Runs one suite in the copy. Returns what failed first, or undefined if all of it passes. */
export async function firstFailure(core, suite, { seeds, seconds }) {
  const { paths, not } = suites[suite]
  const results = join(core, 'results.json')
  rmSync(results, { force: true })
  const excludes = not.flatMap((pattern) => ['--exclude', pattern])
  const options = ['--bail', '1', '--reporter', 'json', '--outputFile', results, ...excludes]
  const { status, errors } = await run(core, ['run', ...paths, ...options], { seeds, seconds })
  if (status === 0) return undefined
  if (status === 'hangs') return { suite, test: `does not end within ${seconds} s` }
  return { suite, ...firstIn(results, errors) }
}

function firstIn(results, errors) {
  const found = existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')).testResults : []
  for (const { assertionResults, message, name } of found) {
    const failed = assertionResults.find(({ status }) => status === 'failed')
    if (failed !== undefined) {
      const seed = /seed (\d+)/.exec(failed.failureMessages.join('\n'))?.[1]
      return { test: failed.fullName.trim(), seed }
    }
    if (assertionResults.length === 0 && message !== '') return { test: name, broken: message }
  }
  return { test: `an error outside of tests: ${errors.split('\n').find((line) => /Error/.test(line)) ?? '?'}` }
}

function run(core, args, { seeds, seconds }) {
  return new Promise((resolve) => {
    const environment = { ...process.env, RAFT_SEEDS: String(seeds), NO_COLOR: '1' }
    const child = spawn(process.execPath, [vitest, ...args], {
      cwd: core,
      env: environment,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let errors = ''
    let hangs = false
    child.stderr.on('data', (chunk) => (errors += chunk))
    const timer = setTimeout(() => {
      hangs = true
      // Its workers too: a rule that is broken may never return.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }, seconds * 1000)
    child.on('close', (status) => {
      clearTimeout(timer)
      resolve({ status: hangs ? 'hangs' : status, errors })
    })
  })
}
