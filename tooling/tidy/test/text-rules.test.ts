import { deepEqual } from 'node:assert/strict'
import { test } from 'vitest'
import { complaintsAboutSizes } from '../src/ratchet.mjs'
import { complaintsAboutText } from '../src/text-rules.mjs'

const cases = [
  { text: 'see /ro' + 'ot/notes', rule: 'no-machine-path', why: "a folder of somebody's machine" },
  { text: '"https://registry.' + 'npmjs.org/x"', rule: 'no-registry-host', why: "a registry's host" },
  { text: 'packages/core/src/root/a.ts', why: 'a folder of the repository' },
]
for (const { text, rule, why } of cases) {
  test(`${rule ?? 'fine'}: ${why}`, () => {
    deepEqual(
      [...complaintsAboutText(text)].map((complaint) => complaint.rule),
      rule === undefined ? [] : [rule],
    )
  })
}

const sizes = [
  { size: 80, ratchet: {}, complaints: 1, why: 'above the limit, and not put up with' },
  { size: 80, ratchet: { 'p/a.ts#f': 80 }, complaints: 0, why: 'put up with' },
  { size: 81, ratchet: { 'p/a.ts#f': 80 }, complaints: 1, why: 'it may not grow' },
  { size: 79, ratchet: { 'p/a.ts#f': 80 }, complaints: 1, why: 'once it shrank, the ratchet follows' },
  { size: 0, ratchet: { 'p/a.ts#f': 80 }, complaints: 1, why: 'once it fits, it is struck off' },
  { size: 0, ratchet: { 'q/a.ts#f': 80 }, complaints: 0, why: 'the entry of another package' },
]
for (const { size, ratchet, complaints, why } of sizes) {
  test(`a size has ${complaints} complaints: ${why}`, () => {
    const found = size === 0 ? [] : [{ key: 'p/a.ts#f', size, limit: 70, line: 1 }]
    deepEqual([...complaintsAboutSizes(found, ratchet, 'p/')].length, complaints)
  })
}
