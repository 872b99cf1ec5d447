#!/usr/bin/env node
// `node src/main.mjs`: checks the built packages against the table and prints `265 of 265`, or what is missing.
import { checkRows, summary } from './check.mjs'
import { readTable } from './table.mjs'

const result = await checkRows(readTable())
for (const { row, message } of result.complaints) console.error(`line ${row.line}, ${row.symbol}: ${message}`)
console.log(summary(result))
process.exitCode = result.complaints.length > 0 ? 1 : 0
