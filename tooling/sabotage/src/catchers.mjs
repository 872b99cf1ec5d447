import { isMeant } from './references.mjs'
import { runTests } from './tests.mjs'

const random = ['**/random.test.ts']

/** What may notice, cheapest first: transcripts, tables, the node's tests, then random histories of rules and nodes. */
const suites = {
  transcripts: { paths: ['packages/core/test/consensus/transcripts.test.ts'] },
  tables: { paths: ['packages/core/test/consensus/tables'] },
  'the node': { paths: ['packages/core/test/raft', 'packages/core/test/wire'], not: random },
  histories: { paths: ['packages/core/test/consensus/random.test.ts'] },
  'histories of nodes': { paths: ['packages/core/test/raft/random.test.ts'] },
}

/**
 * Asks the tests that are named for the row, all of them, and if none fails one suite after the other. Returns the
 * `failure` that noticed first, if any, and the `failed` among the named tests.
 */
export async function whatNotices(folder, references, limits) {
  const { failed, broken } = await failedOf(folder, references, limits)
  if (broken !== undefined) return { failed, failure: { test: broken, broken } }
  if (failed.length > 0) return { failed, failure: { suite: 'named', test: failed[0].text } }
  for (const suite of Object.keys(suites)) {
    const failure = await firstFailure(folder, suite, limits)
    if (failure !== undefined) return { failed, failure }
  }
  return { failed }
}

/** Those of the tests that fail. */
async function failedOf(folder, references, limits) {
  if (references.length === 0) return { failed: [] }
  const paths = [...new Set(references.flatMap((reference) => reference.paths))]
  const pattern = references.map((reference) => `(?:${reference.pattern})`).join('|')
  const outcome = await runTests(folder, { paths, pattern }, limits)
  if (outcome.hangs !== true) {
    const failed = references.flatMap((reference) => {
      const test = outcome.failed.find((each) => isMeant(reference, each))
      if (test === undefined) return []
      // Where a whole file is meant, say which of its tests it was.
      return reference.pattern === '' ? { ...reference, text: `${reference.text} :: ${test.name}` } : reference
    })
    return { failed, broken: outcome.broken }
  }
  if (references.length === 1) return { failed: references }
  const failed = []
  for (const reference of references) failed.push(...(await failedOf(folder, [reference], limits)).failed)
  return { failed }
}

/** What fails first in the suite, or undefined if all of it passes. */
export async function firstFailure(folder, suite, limits) {
  const { failed, hangs, broken } = await runTests(folder, { ...suites[suite], bail: true }, limits)
  if (hangs === true) return { suite, test: `does not end within ${limits.seconds} s` }
  if (broken !== undefined) return { suite, test: broken, broken }
  const [first] = failed
  return first === undefined ? undefined : { suite, test: first.name, seed: first.seed }
}

/** Without a breakage everything must pass, or a failure says nothing. */
export async function checkUnbroken(folder, references, limits) {
  const { failed, broken } = await failedOf(folder, references, limits)
  const names = [...failed.map(({ text }) => text), ...(broken === undefined ? [] : [broken])]
  for (const suite of Object.keys(suites)) {
    const failure = await firstFailure(folder, suite, { ...limits, seeds: Math.min(limits.seeds, 3) })
    if (failure !== undefined) names.push(failure.test)
  }
  if (names.length > 0) throw new Error(`fails without any breakage: ${names.join('; ')}`)
}
