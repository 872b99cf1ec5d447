import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compile } from './copy.mjs'

/** The sources with the rule broken, by path. Throws if a text is not there exactly once: the breakage no longer applies. */
export function broken(row, read) {
  const sources = new Map()
  for (const { file = row.file, find, replace } of [row, ...(row.also ?? [])]) {
    const path = pathOf(file)
    const parts = (sources.get(path) ?? read(path)).split(find)
    if (parts.length !== 2)
      throw new Error(`'${row.name}' no longer applies: ${parts.length - 1} times in ${path}: ${find}`)
    sources.set(path, parts.join(replace))
  }
  return sources
}

/** Files are those of the core unless they say more. */
function pathOf(file) {
  return file.startsWith('packages/') ? file : `packages/core/src/${file}`
}

/** Breaks the rule in a copy of the packages; the result puts it back. */
export function breakIn(folder, row) {
  const sources = broken(row, (path) => readFileSync(join(folder, path), 'utf8'))
  const before = [...sources.keys()].map((path) => [path, readFileSync(join(folder, path), 'utf8')])
  write(folder, sources)
  return () => write(folder, before)
}

function write(folder, sources) {
  for (const [path, text] of sources) {
    writeFileSync(join(folder, path), text)
    compile(join(folder, path))
  }
}
