import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { notPutBack } from '../rows/not-put-back.mjs'
import { compiled, root } from '../src/copy.mjs'
import { broken } from '../src/patch.mjs'
import { readDefects, referenceOf } from '../src/references.mjs'
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
    const named = new Set(rows.flatMap(({ id = '' }) => id.match(/\b[SRDL]\d+\b/g) ?? []))
    // S6 follows from S7, S8 and S12, which are broken one by one.
    expect(invariants.filter((invariant) => invariant !== 'S6' && !named.has(invariant))).toEqual([])
  })

  test('every defect of the coverage table is put back, or it is said why it cannot be', () => {
    const known = [...readDefects().keys()]
    const back = new Set(rows.flatMap(({ defects = [] }) => defects))
    const reasons = new Set(notPutBack.map(({ defect }) => defect))
    expect(known.filter((defect) => back.has(defect) === reasons.has(defect))).toEqual([])
    expect([...back, ...reasons].filter((defect) => !known.includes(defect))).toEqual([])
  })

  test('the tests that are named are there', () => {
    const paths = rows.flatMap(({ by = [] }) => by.flatMap((text) => referenceOf(text).paths))
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  test.each(rows)('$name: still applies, and parses', (row) => {
    const sources = broken(row, (path) => readFileSync(join(root, path), 'utf8'))
    for (const [path, text] of sources) {
      expect(text).not.toBe(readFileSync(join(root, path), 'utf8'))
      expect(compiled(text, path).diagnostics).toEqual([])
    }
  })
})
