// The entry points of all published packages, as they were built.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's folder. */
export const root = resolve(fileURLToPath(import.meta.url), '../../../..')

/** Every way into every package, as `{ name, declarations, source }`; a browser's own is named apart. */
export function entryPoints(top = root) {
  const packages = join(top, 'packages')
  return readdirSync(packages)
    .sort()
    .flatMap((folder) => entriesOf(join(packages, folder)))
}

function entriesOf(folder) {
  const { name, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return Object.entries(exports).flatMap(([path, target]) => {
    if (typeof target !== 'object') return []
    const entry = join(name, path)
    const found = [entryOf(entry, join(folder, target.types))]
    if (target.browser !== undefined) found.push(entryOf(`${entry} (browser)`, join(folder, target.browser.types)))
    return found
  })
}

function entryOf(name, declarations) {
  const source = declarations.replace(/\/dist\/((?:[^/]+\/)*[^/]+)\.d\.ts$/, '/src/$1.ts')
  return { name, declarations, source }
}
