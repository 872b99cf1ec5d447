import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { textsIn } from './running.mjs'

/** The root of the repository. */
export const root = fileURLToPath(new URL('../../../', import.meta.url))

/** The tables, and how many rows each has to have. */
export const tables = [
  { file: 'scenarios.tsv', rows: 167, title: 'The tests of the original' },
  { file: 'defects.tsv', rows: 67, title: 'Its defects, the bugs of its history, and hazards' },
  { file: 'security.tsv', rows: 18, title: 'Attacks and faults' },
]

/** The rows of a table: group, name, references to tests, and a note. */
export function readTable(file) {
  const lines = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
  return lines.slice(1).map((line) => {
    const [group, name, tests, note = ''] = line.split('\t')
    return { group, name, tests: tests === '' ? [] : tests.split(' ; ').map(parseReference), note }
  })
}

/** `path :: title`, or the path alone for a transcript. */
export function parseReference(text) {
  const [path, title] = text.split(' :: ')
  return { path, title }
}

/** What is wrong with a table, one line each. */
export function complaintsAbout({ file, rows: expected }, rows = readTable(file)) {
  const names = new Set(rows.map(({ group, name }) => `${group} ${name}`))
  const complaints = names.size === expected ? [] : [`${file} has ${names.size} rows, not ${expected}`]
  for (const { name, tests, note } of rows) {
    if (tests.length === 0 && note === '') complaints.push(`${file}: ${name} has neither a test nor a reason`)
    for (const test of tests) {
      const complaint = complaintAbout(test)
      if (complaint !== undefined) complaints.push(`${file}: ${name}: ${complaint}`)
    }
  }
  return complaints
}

/** What is wrong with a reference to a test, if anything. */
export function complaintAbout({ path, title }, base = root) {
  const file = `${base}${path}`
  if (!existsSync(file)) return `there is no ${path}`
  // The driver of the transcripts runs every file of their folder.
  if (path.includes('/transcripts/')) return title === undefined ? undefined : 'a transcript has no title'
  if (title === undefined) return `${path} is named without the title of a test`
  const found = textsOf(file).filter(({ text }) => text === title)
  if (found.length === 0) return `${path} has no test '${title}'`
  const [mark] = found.flatMap(({ marks }) => marks)
  if (mark !== undefined) return `'${title}' of ${path} does not run like others: ${mark}`
  return undefined
}

/** Many rows name tests of one file. */
const known = new Map()

function textsOf(file) {
  const texts = known.get(file) ?? textsIn(readFileSync(file, 'utf8'))
  known.set(file, texts)
  return texts
}
