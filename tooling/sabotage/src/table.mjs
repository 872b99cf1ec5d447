/** The table of what was broken and what noticed, as Markdown. */
export function tableOf(outcomes, { minutes, seeds }) {
  const caught = outcomes.filter(({ failure }) => failure !== undefined)
  const lines = [
    '# What notices a broken rule',
    '',
    'Made by `npm run sabotage`: one rule of `@raft/core` is broken at a time, and the tests are run from the cheapest on',
    'until one fails. The numbers and letters are those of the catalogue of bugs and invariants that the tests are built on.',
    '',
    `**${caught.length} of ${outcomes.length} caught**, ${countsOf(caught)}; ${seeds} seeds of each kind of history at most; ` +
      `${minutes.toFixed(1)} minutes.`,
    '',
    '| broken rule | rule | what could happen | noticed by | after |',
    '| --- | --- | --- | --- | --- |',
    ...outcomes.map(({ row, failure, seconds }) => {
      const by = failure === undefined ? '**nothing**' : noticedBy(failure)
      return `| ${[row.name, row.id, row.breaks, by, `${seconds.toFixed(1)} s`].map(cell).join(' | ')} |`
    }),
  ]
  return `${lines.join('\n')}\n`
}

function countsOf(caught) {
  const counts = new Map()
  for (const { failure } of caught) counts.set(failure.suite, (counts.get(failure.suite) ?? 0) + 1)
  return [...counts].map(([suite, count]) => `${count} by ${suite}`).join(', ')
}

function noticedBy({ suite, test, seed }) {
  const name = test.length > 90 ? `${test.slice(0, 88)}…` : test
  return `${suite}: ${name}${seed === undefined ? '' : `, seed ${seed}`}`
}

function cell(text) {
  return text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ')
}
