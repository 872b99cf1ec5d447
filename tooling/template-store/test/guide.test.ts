import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { examplesIn } from '../../snippets/src/extract.mjs'

// The examples of all documents are compiled and run, this one with the suites: so what is copied is what was tested.
test('the template is the store of the guide, line by line', () => {
  const root = join(import.meta.dirname, '../../..')
  const guide = examplesIn(readFileSync(join(root, 'docs/writing-a-store.md'), 'utf8'))
  const shown = guide.find(({ file }) => file === 'file-store')?.code
  const template = readFileSync(join(import.meta.dirname, '../template/src/file-store.ts'), 'utf8')
  expect(linesOf(shown ?? '')).toEqual(linesOf(template))
})

/** A class that is shown in parts has its empty lines elsewhere. */
function linesOf(code: string): readonly string[] {
  return code.split('\n').filter((line) => line !== '')
}
