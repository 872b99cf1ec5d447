// Adds up what the packages' test runs left behind.
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace.mjs'

/** Every package of the workspace that has tests to run, as `{ name, folder }`. */
export function testedPackages(top = root) {
  const found = []
  for (const group of ['packages', 'tooling']) {
    for (const name of readdirSync(join(top, group)).sort()) {
      const folder = join(top, group, name)
      if (!existsSync(join(folder, 'package.json'))) continue
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      if (manifest.scripts?.test !== undefined) found.push({ name: manifest.name, folder })
    }
  }
  return found
}

/** Forgets the results of earlier runs, so that none of them is counted again. Turbo puts back those it has cached. */
export function forgetResults(packages) {
  for (const { folder } of packages) rmSync(join(folder, '.results'), { recursive: true, force: true })
}

/** Adds up the results of all packages, and names those packages that left none. A `remark.txt` is a row's remark. */
export function sumResults(packages) {
  const sum = { passed: 0, failed: 0, skipped: 0, failures: [], silent: [], rows: [] }
  for (const { name, folder } of packages) {
    const file = join(folder, '.results/vitest.json')
    if (!existsSync(file)) {
      sum.silent.push(name)
      continue
    }
    const row = { name, ...countReport(JSON.parse(readFileSync(file, 'utf8'))) }
    const remark = join(folder, '.results/remark.txt')
    if (existsSync(remark)) row.remark = readFileSync(remark, 'utf8').trim()
    sum.rows.push(row)
    sum.passed += row.passed
    sum.failed += row.failed
    sum.skipped += row.skipped
    sum.failures.push(...row.failures.map((failure) => `${name}: ${failure}`))
  }
  return sum
}

/** Counts one report of vitest. A file that could not even be loaded counts as one failure. */
export function countReport(report) {
  const count = { passed: 0, failed: 0, skipped: 0, failures: [] }
  for (const file of report.testResults ?? []) {
    let failedHere = 0
    for (const test of file.assertionResults ?? []) {
      if (test.status === 'passed') count.passed++
      else if (test.status === 'failed') {
        failedHere++
        count.failures.push(test.fullName)
      } else count.skipped++
    }
    if (file.status === 'failed' && failedHere === 0) {
      failedHere = 1
      count.failures.push(`${file.name.split('/').at(-1)} did not run: ${firstLine(file.message)}`)
    }
    count.failed += failedHere
  }
  return count
}

/** The last line that `npm test` prints. */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

function firstLine(text) {
  return (text ?? '').trim().split('\n')[0]
}
