import { deepEqual } from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { fileComplaints, publintComplaints, typesComplaints } from '../src/checks.mjs'
import { pack, publishedPackages } from '../src/pack.mjs'

const destination = mkdtempSync(join(tmpdir(), 'raft-pack-'))
afterAll(() => rmSync(destination, { recursive: true, force: true }))

for (const { name, folder } of publishedPackages()) {
  describe(name, () => {
    let tarball: Uint8Array
    beforeAll(async () => {
      tarball = readFileSync(await pack(folder, destination))
    }, 60_000)

    test('publint has nothing to say', async () => deepEqual(await publintComplaints(tarball), []), 60_000)
    test('its types are right', async () => deepEqual(await typesComplaints(tarball), []), 60_000)
    test('its files are those a user needs', () => deepEqual(fileComplaints(tarball), []))
  })
}
