import { notPutBack } from '../rows/not-put-back.mjs'

/** The tests named for a defect that pass with each of its breakages. */
export function blindTests(outcomes, defects) {
  const blind = []
  for (const [short, { name, tests }] of defects) {
    const of = outcomes.filter(({ row }) => row.defects?.includes(short))
    if (of.length === 0) continue
    const noticed = new Set(of.flatMap(({ failed }) => failed.map(({ text }) => text)))
    blind.push(...tests.filter(({ text }) => !noticed.has(text)).map(({ text }) => ({ defect: name, test: text })))
  }
  return blind
}

/** The tables of what was broken and what noticed, as Markdown. */
export function tableOf(outcomes, { defects, minutes, seeds, workers }) {
  const caught = outcomes.filter(({ failure }) => failure !== undefined)
  const back = outcomes.filter(({ row }) => row.defects !== undefined)
  const rules = outcomes.filter(({ row }) => row.defects === undefined)
  const namesOf = ({ row }) => row.defects.map((short) => defects.get(short).name).join(', ')
  const lines = [
    '# What notices a broken rule',
    '',
    'Made by `npm run sabotage`: one rule of the packages is broken at a time in a copy of them, the tests that are named',
    'for it are run, and where none fails all others from the cheapest on. Numbers and letters are those of the catalogue',
    'of bugs and invariants that the tests are built on.',
    '',
    `**${caught.length} of ${outcomes.length} caught**; ${seeds} seeds of each kind of history at most; ` +
      `${minutes.toFixed(1)} minutes with ${workers} workers.`,
    '',
    '## Rules',
    '',
    '| broken rule | what it is | what could happen | noticed by | after |',
    '| --- | --- | --- | --- | --- |',
    ...rules.map((outcome) => lineOf(outcome, outcome.row.id)),
    '',
    '## Defects of the original, put back',
    '',
    'Noticed by what `tooling/coverage` names for the defect; each test that is named there fails with one of these.',
    '',
    '| what is put back | defect | what could happen | noticed by | after |',
    '| --- | --- | --- | --- | --- |',
    ...back.map((outcome) => lineOf(outcome, namesOf(outcome))),
    '',
    '## Defects that cannot be put back',
    '',
    ...(notPutBack.length === 0 ? ['None.'] : ['| defect | why not |', '| --- | --- |']),
    ...notPutBack.map(({ defect, reason }) => `| ${[defects.get(defect).name, reason].map(cell).join(' | ')} |`),
  ]
  return `${lines.join('\n')}\n`
}

function lineOf({ row, failed, failure, seconds }, what) {
  const by = failure === undefined ? '**nothing**' : noticedBy(failure, failed)
  return `| ${[row.name, what, row.breaks, by, `${seconds.toFixed(1)} s`].map(cell).join(' | ')} |`
}

function noticedBy({ suite, test, seed }, failed) {
  const tests = failed.length > 0 ? failed.map(({ text }) => shortOf(text)) : [`${suite}: ${test}`]
  const shown = tests.map((name) => (name.length > 110 ? `${name.slice(0, 108)}…` : name)).join('; ')
  return seed === undefined ? shown : `${shown}, seed ${seed}`
}

const shortOf = (text) =>
  text
    .replace(/^packages\//, '')
    .replace(/^core\/test\/transcripts\//, '')
    .replace('/test/', ': ')
    .replace(' :: ', ': ')
const cell = (text) =>
  text
    .replaceAll('|', String.raw`\|`)
    .replaceAll(/[<>]/g, String.raw`\$&`)
    .replaceAll('\n', ' ')
