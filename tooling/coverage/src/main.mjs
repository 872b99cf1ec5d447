import { writeFileSync } from 'node:fs'
import { pageOf } from './page.mjs'
import { complaintsAbout, readTable, tables } from './tables.mjs'

// Checks the tables, says how many rows there are, and writes the page.
for (const table of tables) {
  const complaints = complaintsAbout(table)
  for (const complaint of complaints) console.error(complaint)
  if (complaints.length > 0) process.exitCode = 1
  const rows = readTable(table.file)
  const tested = rows.filter(({ tests }) => tests.length > 0).length
  console.log(`${table.file}: ${tested} of ${table.rows} have a test, ${rows.length - tested} a reason why not`)
}
writeFileSync(new URL('../README.md', import.meta.url), pageOf())
