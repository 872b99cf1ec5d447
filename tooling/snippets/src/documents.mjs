// The documents whose examples are checked.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { examplesIn } from './extract.mjs'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')

/** Every Markdown document for users: at the top, in docs/, and at the top of each package. */
export function documents() {
  const found = markdownIn(root)
  const docs = join(root, 'docs')
  if (existsSync(docs)) {
    for (const entry of readdirSync(docs, { recursive: true })) if (entry.endsWith('.md')) found.push(join(docs, entry))
  }
  for (const name of readdirSync(join(root, 'packages')).sort()) found.push(...markdownIn(join(root, 'packages', name)))
  return found
}

/** Every example of every document, as `{ document, line, code, run }`, with the document's path from the top. */
export function allExamples() {
  return documents().flatMap((path) => {
    const document = relative(root, path).replaceAll('\\', '/')
    try {
      return examplesIn(readFileSync(path, 'utf8')).map((example) => ({ document, ...example }))
    } catch (error) {
      throw new Error(`${document}, ${error.message}`, { cause: error })
    }
  })
}

function markdownIn(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md') && name !== 'CHANGELOG.md')
    .sort()
    .map((name) => join(folder, name))
}
