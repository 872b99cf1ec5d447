// Runs after `tsc` in a package's folder: removes from dist/ what no longer has a source, so that a renamed file
// is neither imported by mistake nor published. (Emptying dist/ first would break whoever is running from it.)
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const made = /(\.d\.ts|\.js)(\.map)?$/

for (const entry of readdirSync('dist', { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !made.test(entry.name)) continue
  const folder = entry.parentPath ?? entry.path
  const source = join(folder.replace(/^dist/, 'src'), entry.name.replace(made, '.ts'))
  if (!existsSync(source)) rmSync(join(folder, entry.name))
}
