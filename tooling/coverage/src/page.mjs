import { readTable, tables } from './tables.mjs'

/** The page that people read, made from the tables. */
export function pageOf() {
  const parts = [
    '# What is covered by which test',
    '',
    'Made from the tables beside it by `node tooling/coverage/src/main.mjs`; do',
    'not edit it. A test of this package checks that every test named here exists and is not skipped. A title with `${…}`',
    'stands for a list of cases; a transcript is a file of `packages/core/test/transcripts`.',
    '',
  ]
  for (const { file, title } of tables)
    parts.push(
      `## ${title}`,
      '',
      '<!-- prettier-ignore-start -->',
      ...tableOf(readTable(file)),
      '<!-- prettier-ignore-end -->',
      '',
    )
  return parts.join('\n')
}

function tableOf(rows) {
  const lines = rows.map(({ group, name, tests, note }) => {
    const covered = tests.map(
      ({ path, title }) => `\`${shortOf(path)}\`${title === undefined ? '' : ` ${escape(title)}`}`,
    )
    return `| ${[group, name, covered.join('<br>'), note].map(cell).join(' | ')} |`
  })
  return ['| group | what | test | note |', '| --- | --- | --- | --- |', ...lines]
}

const shortOf = (path) =>
  path
    .replace(/^(packages|tooling)\//, '')
    .replace('/test/', ' ')
    .replace('.test.ts', '')
const escape = (text) => text.replaceAll(/[*_<>[\]`]/g, String.raw`\$&`)
const cell = (text) => text.replaceAll('|', String.raw`\|`)
