// The table of the API page: one row for each exported symbol of hashicorp/raft v1.7.3.
import { readFileSync } from 'node:fs'

const header = ['api page', 'package', 'typescript', 'kind']
const kinds = ['value', 'type', 'member', 'error']

/** Where the table is. */
export const tablePath = new URL('api-parity.tsv', import.meta.url)

/** The rows of the table, as `{ line, symbol, entry, cell, kind }`. Throws on whatever is no such table. */
export function readTable(text = readFileSync(tablePath, 'utf8')) {
  const [first, ...lines] = text.replace(/\n$/, '').split('\n')
  if (first !== header.join('\t')) throw new Error(`the table begins with: ${header.join(', ')}`)
  const rows = lines.map((line, at) => readRow(line, at + 2))
  const seen = new Set()
  for (const { line, symbol } of rows) {
    if (seen.has(symbol)) throw new Error(`line ${line}: ${symbol} is there twice`)
    seen.add(symbol)
  }
  return rows
}

function readRow(text, line) {
  const cells = text.split('\t')
  if (cells.length !== header.length || cells.includes('')) {
    throw new Error(`line ${line}: a row has ${header.length} cells, none of them empty`)
  }
  const [symbol, entry, cell, kind] = cells
  if (!kinds.includes(kind)) throw new Error(`line ${line}: '${kind}' is none of ${kinds.join(', ')}`)
  return { line, symbol, entry, cell, kind }
}
