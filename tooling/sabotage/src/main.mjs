#!/usr/bin/env node
// `npm run sabotage`: breaks one rule at a time and says which test notices. Exit status 1 if one is not noticed.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { firstFailure, orderFor } from './catchers.mjs'
import { copyOfCore, root } from './copy.mjs'
import { breakIn } from './patch.mjs'
import { allRows } from './rows.mjs'
import { tableOf } from './table.mjs'

const { values: options } = parseArgs({
  options: {
    /** Only breakages whose name contains this. */
    only: { type: 'string' },
    /** More breakages, from JSON files. */
    rows: { type: 'string', multiple: true },
    /** The package to take the sources and tests from. */
    core: { type: 'string' },
    seeds: { type: 'string', default: '25' },
    workers: { type: 'string', default: '2' },
    /** How long one suite may take. */
    seconds: { type: 'string', default: '120' },
  },
})
const limits = { seeds: Number(options.seeds), seconds: Number(options.seconds) }

const rows = allRows(options.rows).filter(({ name }) => options.only === undefined || name.includes(options.only))
const begun = Date.now()
const secondsSince = (from) => (Date.now() - from) / 1000
const copies = Array.from({ length: Math.min(Number(options.workers), rows.length) }, () => copyOfCore(options.core))
const outcomes = Array.from({ length: rows.length })
const waiting = [...rows.keys()]

/** Breaks the rule, and asks one suite after the other. */
async function outcomeOf(core, row) {
  const from = Date.now()
  const putBack = breakIn(core, row)
  try {
    let failure
    for (const suite of orderFor(row)) {
      failure = await firstFailure(core, suite, limits)
      if (failure !== undefined) break
    }
    return { row, failure, seconds: secondsSince(from) }
  } finally {
    putBack()
  }
}

/** Without a breakage everything must pass, or a failure says nothing. */
async function checkUnbroken({ core }) {
  for (const suite of orderFor({})) {
    const failure = await firstFailure(core, suite, { ...limits, seeds: Math.min(limits.seeds, 3) })
    if (failure !== undefined) throw new Error(`fails without any breakage: ${failure.suite}: ${failure.test}`)
  }
}

async function work({ core }) {
  for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
    const outcome = await outcomeOf(core, rows[at])
    outcomes[at] = outcome
    const { row, failure, seconds } = outcome
    const by =
      failure === undefined
        ? 'NOT NOTICED'
        : `${failure.suite}: ${failure.test}${failure.seed === undefined ? '' : `, seed ${failure.seed}`}`
    console.log(
      `${String(at + 1).padStart(3)}/${rows.length} ${seconds.toFixed(1).padStart(6)} s  ${row.name} -> ${by}`,
    )
  }
}

try {
  for (const row of rows) breakIn(copies[0].core, row)()
  await checkUnbroken(copies[0])
  await Promise.all(copies.map(work))
} finally {
  for (const copy of copies) copy.remove()
}
const table = tableOf(outcomes, { minutes: secondsSince(begun) / 60, seeds: limits.seeds })
console.log(`\n${table}`)
if (options.only === undefined) {
  const path = fileURLToPath(new URL('../TABLE.md', import.meta.url))
  writeFileSync(path, table)
  spawnSync(process.execPath, [join(root, 'node_modules/prettier/bin/prettier.cjs'), '--write', path])
}
const suspect = outcomes.filter(({ failure }) => failure === undefined || failure.broken !== undefined)
for (const { row, failure } of suspect) console.log(`not noticed: ${row.name} ${failure?.broken ?? ''}`)
process.exitCode = suspect.length === 0 ? 0 : 1
