import { deepEqual, ok } from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'vitest'
import { profiles } from '../../src/simulator/profiles.ts'

const top = new URL('../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, top), 'utf8')

/** The cells of the tables of a document, row by row. */
function rowsOf(document: string): readonly (readonly string[])[] {
  const lines = document.split('\n').filter((line) => line.startsWith('| ') && !/^\| -+/.test(line))
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
}

test('the README lists the profiles, with what they are after', () => {
  const listed = rowsOf(read('README.md')).filter(([name]) => name !== undefined && name.slice(1, -1) in profiles)
  deepEqual(
    Object.fromEntries(listed.map(([name, aim]) => [name!.slice(1, -1), aim])),
    Object.fromEntries(Object.entries(profiles).map(([name, { aim }]) => [name, aim])),
  )
})

test('every rule that is reported is in the list of checks, and every file in that list exists', () => {
  const rows = rowsOf(read('src/checks/README.md')).slice(1)
  const listed = new Set(rows.map(([rule]) => rule))
  const paths = ['src/checks', 'src/simulator'].flatMap((room) =>
    readdirSync(new URL(room, top), { recursive: true }).map((path) => `${room}/${String(path)}`),
  )
  for (const path of paths.filter((one) => one.endsWith('.ts'))) {
    for (const [, rule] of read(path).matchAll(/'([SRDL]\d+)'/g)) {
      ok(listed.has(rule), `${rule}, which ${path} reports, is not in src/checks/README.md`)
    }
  }
  for (const [rule, , where] of rows) {
    for (const [, file] of where!.matchAll(/`([\w./-]+)`/g)) {
      if (!/[./]/.test(file!)) continue
      ok(existsSync(new URL(file!, new URL('src/checks/', top))), `${rule}: there is no ${file}`)
    }
  }
})
