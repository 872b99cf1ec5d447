import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildGo } from '../../src/peers/programs.ts'

/** What `npm test` shows beside the counts of this package. */
const remark = new URL('../../.results/remark.txt', import.meta.url)

/**
 * Builds the Go programs. Without Go the tests that need it are skipped, loudly: resolves with false. On a build server
 * (`CI=true`) Go has to be there: throws.
 */
export async function hasGo(): Promise<boolean> {
  rmSync(remark, { force: true })
  try {
    await buildGo()
    return true
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'GoMissing' || process.env['CI'] === 'true') throw error
    const text = `INTEROP SKIPPED: nothing was tried against hashicorp/raft, since ${error.message}`
    console.warn(`\n${text}\n`)
    mkdirSync(fileURLToPath(new URL('.', remark)), { recursive: true })
    writeFileSync(remark, `${text.split('\n')[0]}\n`)
    return false
  }
}
