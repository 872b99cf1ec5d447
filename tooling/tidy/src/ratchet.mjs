// Sizes above the limit that are put up with for now. They may shrink, and never grow.
import { readFileSync, writeFileSync } from 'node:fs'

const file = new URL('../ratchet.json', import.meta.url)

/** The sizes put up with: from a file, or a file and a function, to its lines. */
export function readRatchet() {
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** Compares the sizes found in some folder with the ratchet, as complaints `{ key, line, rule, message }`. */
export function* complaintsAboutSizes(found, ratchet, folder) {
  for (const { key, size, limit, line } of found) {
    const allowed = ratchet[key] ?? limit
    if (size > allowed) yield { key, line, rule: 'size', message: `${size} lines, and ${allowed} are allowed` }
  }
  const sizes = new Map(found.map(({ key, size }) => [key, size]))
  for (const [key, allowed] of Object.entries(ratchet)) {
    if (!key.startsWith(folder)) continue
    const size = sizes.get(key)
    if (size === undefined)
      yield { key, line: 1, rule: 'size', message: 'is within the limit now: remove it from ratchet.json' }
    else if (size < allowed)
      yield { key, line: 1, rule: 'size', message: `has ${size} lines now: lower its ${allowed} in ratchet.json` }
  }
}

/** Replaces the entries of one folder by the sizes found there. */
export function writeRatchet(found, ratchet, folder) {
  const entries = Object.entries(ratchet).filter(([key]) => !key.startsWith(folder))
  for (const { key, size } of found) entries.push([key, size])
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  writeFileSync(file, JSON.stringify(Object.fromEntries(entries), null, 2) + '\n')
}
