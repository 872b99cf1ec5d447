import { readdirSync, readFileSync } from 'node:fs'
import { leadership } from '../rows/leadership.mjs'
import { originalParts } from '../rows/original-parts.mjs'
import { originalRules } from '../rows/original-rules.mjs'
import { replication } from '../rows/replication.mjs'
import { state } from '../rows/state.mjs'
import { voting } from '../rows/voting.mjs'

const folder = new URL('../rows/', import.meta.url)

/**
 * All breakages. Each has a `name`, what it `breaks`, the `file`, below packages/core/src if it names no package, the text
 * to `find` there, exactly once, and the text to `replace` it with; `also` has further replacements, in the same file if
 * they name none. `id` is the invariant or the bug in reliability.md; `defects` are those of the coverage table that it
 * puts back: their tests have to notice. Other rows can name the tests that are asked first: `by` has paths of
 * transcripts, `path :: title`, or those of test files.
 *
 * Files `rows/*.json` with an array of the same are read too, and so is what is named with `--rows`.
 */
export function allRows(extraFiles = []) {
  const data = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => new URL(file, folder))
  const read = (file) => JSON.parse(readFileSync(file, 'utf8'))
  const own = [...voting, ...replication, ...leadership, ...state, ...originalRules, ...originalParts]
  return [...own, ...[...data, ...extraFiles].flatMap(read)]
}
