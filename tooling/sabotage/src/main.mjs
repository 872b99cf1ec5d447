#!/usr/bin/env node
// `npm run sabotage`: breaks one rule at a time and says which test notices. Exit status 1 if one is not noticed, or if
// a test that the coverage table names for a defect passes with the defect put back.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { checkUnbroken, whatNotices } from './catchers.mjs'
import { copyOfPackages, root } from './copy.mjs'
import { breakIn } from './patch.mjs'
import { readDefects, referenceOf } from './references.mjs'
import { allRows } from './rows.mjs'
import { blindTests, tableOf } from './table.mjs'

const { values: options } = parseArgs({
  options: {
    /** Only breakages whose name, or one of whose defects, contains this. */
    only: { type: 'string' },
    /** More breakages, from JSON files. */
    rows: { type: 'string', multiple: true },
    /** The repository to take the packages from. */
    from: { type: 'string', default: root },
    seeds: { type: 'string', default: '25' },
    workers: { type: 'string', default: '2' },
    /** How long one run of tests may take. */
    seconds: { type: 'string', default: '60' },
    /** Does not run all tests unbroken first. */
    quick: { type: 'boolean', default: false },
  },
})
const limits = { seeds: Number(options.seeds), seconds: Number(options.seconds) }

const defects = readDefects()
const isChosen = ({ name, defects: of = [] }) =>
  options.only === undefined || name.includes(options.only) || of.includes(options.only)
const rows = allRows(options.rows).filter(isChosen)
const begun = Date.now()
const secondsSince = (from) => (Date.now() - from) / 1000
const outcomes = Array.from({ length: rows.length })
const waiting = [...rows.keys()]

/** The tests that are asked first: those of the defects that the row puts back, or those that it names itself. */
function namedFor({ defects: of = [], by = [] }) {
  const tests = of.flatMap((name) => defects.get(name).tests)
  const found = tests.length > 0 ? tests : by.map(referenceOf)
  return [...new Map(found.map((reference) => [reference.text, reference])).values()]
}

async function outcomeOf(folder, row) {
  const from = Date.now()
  const putBack = breakIn(folder, row)
  try {
    return { row, ...(await whatNotices(folder, namedFor(row), limits)), seconds: secondsSince(from) }
  } finally {
    putBack()
  }
}

async function work({ folder }) {
  for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
    const outcome = await outcomeOf(folder, rows[at])
    outcomes[at] = outcome
    const { row, failure, seconds } = outcome
    const seed = failure?.seed === undefined ? '' : `, seed ${failure.seed}`
    const by = failure === undefined ? 'NOT NOTICED' : `${failure.suite}: ${failure.test}${seed}`
    const place = `${String(at + 1).padStart(3)}/${rows.length}`
    console.log(`${place} ${seconds.toFixed(1).padStart(6)} s  ${row.name} -> ${by}`)
  }
}

const copies = Array.from({ length: Math.min(Number(options.workers), rows.length) }, () =>
  copyOfPackages(options.from),
)
try {
  for (const row of rows) breakIn(copies[0].folder, row)()
  if (!options.quick) await checkUnbroken(copies[0].folder, rows.flatMap(namedFor), { ...limits, seconds: 300 })
  await Promise.all(copies.map(work))
} finally {
  for (const copy of copies) copy.remove()
}
const table = tableOf(outcomes, {
  defects,
  minutes: secondsSince(begun) / 60,
  seeds: limits.seeds,
  workers: copies.length,
})
if (options.only === undefined) {
  console.log(`\n${table}`)
  const path = fileURLToPath(new URL('../TABLE.md', import.meta.url))
  writeFileSync(path, table)
  spawnSync(process.execPath, [join(root, 'node_modules/prettier/bin/prettier.cjs'), '--write', path])
}
const suspect = outcomes.filter(({ failure }) => failure === undefined || failure.broken !== undefined)
for (const { row, failure } of suspect) console.log(`not noticed: ${row.name} ${failure?.broken ?? ''}`)
const blind = blindTests(outcomes, defects)
for (const { defect, test } of blind) console.log(`passes with ${defect} put back: ${test}`)
const caught = rows.length - suspect.length
console.log(`${caught} of ${rows.length} caught in ${(secondsSince(begun) / 60).toFixed(1)} minutes`)
process.exitCode = suspect.length === 0 && blind.length === 0 ? 0 : 1
