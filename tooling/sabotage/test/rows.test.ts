import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { root } from '../src/copy.mjs'
import { broken } from '../src/patch.mjs'
import { allRows } from '../src/rows.mjs'

const rows = allRows()
const catalogue = ['S1', 'S2', 'S3', 'S4', 'S5', 'S6', 'S7', 'S8', 'S9', 'S10', 'S11', 'S12', 'S13', 'S14', 'S15']
const invariants = [...catalogue, 'S16', 'S17', 'S19', 'S20', 'R1', 'R2', 'R3', 'D1', 'D3', 'D4', 'L1', 'L3', 'L4']

describe('breakages', () => {
  test('there are enough, with names of their own', () => {
    expect(rows.length).toBeGreaterThanOrEqual(40)
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
  })

  test('every invariant has one', () => {
    const named = new Set(rows.flatMap(({ id }) => id.match(/\b[SRDL]\d+\b/g) ?? []))
    // S6 follows from S7, S8 and S12, which are broken one by one.
    expect(invariants.filter((invariant) => invariant !== 'S6' && !named.has(invariant))).toEqual([])
  })

  test.each(rows)('$name: still applies, and parses', (row) => {
    const source = readFileSync(join(root, 'packages/core/src', row.file), 'utf8')
    const text = broken(source, row)
    expect(text).not.toBe(source)
    const { diagnostics } = ts.transpileModule(text, { reportDiagnostics: true, fileName: row.file })
    expect(diagnostics).toEqual([])
  })
})
