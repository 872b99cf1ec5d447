import { readdirSync, readFileSync } from 'node:fs'
import { leadership } from '../rows/leadership.mjs'
import { replication } from '../rows/replication.mjs'
import { state } from '../rows/state.mjs'
import { voting } from '../rows/voting.mjs'

const folder = new URL('../rows/', import.meta.url)

/**
 * All breakages. Each has a `name`, the `id` of the invariant or the bug in reliability.md, what it `breaks`, the `file`
 * below packages/core/src, the text to `find` there, exactly once, and the text to `replace` it with; `also` has further
 * replacements in the same file. `suite` is 'raft' if the tests of the node are asked first.
 *
 * Files `rows/*.json` with an array of the same are read too, and so is what is named with `--rows`.
 */
export function allRows(extraFiles = []) {
  const data = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => new URL(file, folder))
  const read = (file) => JSON.parse(readFileSync(file, 'utf8'))
  return [...voting, ...replication, ...leadership, ...state, ...[...data, ...extraFiles].flatMap(read)]
}
