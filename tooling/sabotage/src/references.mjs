import { parseReference, readTable } from '../../coverage/src/tables.mjs'

const transcripts = 'packages/core/test/consensus/transcripts.test.ts'

/** A case of a conformance suite is run by the adapters that have to pass it. */
const hosts = {
  'conformance/log-': [
    'packages/testing/test/conformance/inmem.test.ts',
    'packages/store-sqlite/test/conformance.test.ts',
  ],
  'conformance/snapshot-': ['packages/snapshot-file/test/conformance.test.ts'],
  'conformance/transport-': ['packages/transport-tcp/test/conformance.test.ts'],
}

/** The defects by their short name (`Q5`, `#1`, `H3`): the full name, and the tests that the coverage table names. */
export function readDefects() {
  const rows = readTable('defects.tsv')
  return new Map(rows.map(({ name, note, tests }) => [name.split(' ')[0], { name, note, tests: tests.map(locate) }]))
}

/** A reference as rows have it: `path :: title`, the path of a transcript, or that of a whole test file. */
export function referenceOf(text) {
  return locate(parseReference(text))
}

/** Where the test is run, and what its full name looks like. */
function locate({ path, title }) {
  const text = title === undefined ? path : `${path} :: ${title}`
  if (path.includes('/transcripts/')) {
    const file = path.slice(path.lastIndexOf('/') + 1)
    return { text, paths: [transcripts], pattern: `${escape(file)}:` }
  }
  const host = Object.entries(hosts).find(([part]) => path.includes(`/src/${part}`))
  return { text, paths: host?.[1] ?? [path], pattern: title === undefined ? '' : patternOf(title) }
}

/** What the values of a list of cases put into a title is not known here. */
function patternOf(title) {
  const parts = title.split(/\$\{[^}]*\}|\$[a-z][\w.]*|%[sdif]/i)
  return parts.map(escape).join('.*')
}

const escape = (text) => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)

/** Whether the failed test is the one that is meant. */
export function isMeant({ paths, pattern }, { path, name }) {
  return paths.includes(path) && new RegExp(pattern).test(name)
}
