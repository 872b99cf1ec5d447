import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const root = fileURLToPath(new URL('../../../', import.meta.url))

const settings = `export default { test: {
  include: ['test/**/*.test.ts'], passWithNoTests: true, testTimeout: 60_000, hookTimeout: 60_000, maxWorkers: 1,
} }
`

/** A copy of packages/core to break things in, with its tests; `remove` deletes it. */
export function copyOfCore(source = join(root, 'packages/core')) {
  const folder = mkdtempSync(join(tmpdir(), 'raft-sabotage-'))
  const core = join(folder, 'packages/core')
  mkdirSync(core, { recursive: true })
  for (const part of ['src', 'test', 'package.json', 'tsconfig.json']) {
    cpSync(join(source, part), join(core, part), { recursive: true })
  }
  cpSync(join(root, 'tooling/tsconfig'), join(folder, 'tooling/tsconfig'), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  symlinkSync(join(root, 'packages/core/node_modules'), join(core, 'node_modules'))
  writeFileSync(join(core, 'vitest.config.mjs'), settings)
  return { core, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
