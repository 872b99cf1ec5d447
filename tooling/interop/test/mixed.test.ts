// The minute that `npm test` has for mixed clusters; `npm run interop` plays all of it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Cluster } from '../src/cluster/cluster.ts'
import { partsOf, play, startPairing } from '../src/scenarios/matrix.ts'
import { pairing } from '../src/scenarios/scenario.ts'
import { soloScenarios } from '../src/scenarios/solo.ts'
import { hasGo } from './support/go.ts'

const go = await hasGo()
const folder = mkdtempSync(join(tmpdir(), 'raft-interop-test-'))

/** Kept if something fails: the servers' logs are in there. */
let failed = false
afterAll(() => {
  if (failed) console.error(`The servers' folders and logs are in ${folder}.`)
  else rmSync(folder, { recursive: true })
})

for (const each of [pairing(1, 2), pairing(2, 1)]) {
  describe.skipIf(!go)(each.name, () => {
    let cluster: Cluster | undefined
    afterAll(() => cluster?.kill())

    for (const [place, part] of partsOf(true).entries()) {
      test(part.name, async () => {
        cluster ??= await startPairing(each, join(folder, String(place)))
        const { failure } = await play(cluster, part)
        if (failure === undefined) return
        failed = true
        // What it left is no state for others to begin from.
        await cluster.kill()
        cluster = undefined
        expect.fail(failure)
      })
    }
  })
}

describe.skipIf(!go)('clusters of their own', () => {
  for (const [place, scenario] of soloScenarios.entries()) {
    if (scenario.quick !== true) continue
    test(`${scenario.name} (${scenario.variant})`, async () => {
      await scenario.play(join(folder, `solo-${place}`)).catch((error: unknown) => {
        failed = true
        throw error
      })
    })
  }
})
