import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The source with the rule broken. Throws if the text is not there exactly once: the breakage no longer applies. */
export function broken(source, row) {
  let text = source
  for (const { find, replace } of [row, ...(row.also ?? [])]) {
    const parts = text.split(find)
    if (parts.length !== 2)
      throw new Error(`'${row.name}' no longer applies: ${parts.length - 1} times in ${row.file}: ${find}`)
    text = parts.join(replace)
  }
  return text
}

/** Breaks the rule in a copy of the package; the result puts it back. */
export function breakIn(core, row) {
  const path = join(core, 'src', row.file)
  const source = readFileSync(path, 'utf8')
  writeFileSync(path, broken(source, row))
  return () => writeFileSync(path, source)
}
