import { equal } from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, test } from 'vitest'
import { simulate } from '../../src/index.ts'
import type { ProfileName } from '../../src/simulator/profiles.ts'

/** Hashes of traces, by the seed and the profile: the same on every machine, and under every version of Node. */
const path = new URL('traces.json', import.meta.url)
const rewrites = process.env['RAFT_UPDATE_TRANSCRIPTS'] !== undefined

/** Virtual milliseconds of each run. */
const DURATION = 10_000

describe('a seed is the run that it was when its hash was written down', () => {
  const known = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>
  const found: Record<string, string> = {}
  for (const [run, hash] of Object.entries(known)) {
    test(run, async () => {
      const [seed, faults] = run.split(' ') as [string, ProfileName]
      const report = await simulate({ seed: Number(seed), faults, duration: DURATION })
      found[run] = report.hash
      if (rewrites) writeFileSync(path, `${JSON.stringify({ ...known, ...found }, null, 2)}\n`)
      else
        equal(
          report.hash,
          hash,
          'the run has changed: if that is meant, RAFT_UPDATE_TRANSCRIPTS=1 rewrites traces.json',
        )
    })
  }
})
