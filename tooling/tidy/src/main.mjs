// Run in a package's folder, or in the repository's: checks what no linter says, and exits 1 if anything is wrong.
// With --update it writes today's sizes into ratchet.json instead of complaining about them.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { undocumented } from './documentation-rules.mjs'
import { complaintsAboutManifest, cycleAmong } from './package-rules.mjs'
import { complaintsAboutSizes, readRatchet, writeRatchet } from './ratchet.mjs'
import { complaintsAboutSource, oversized, parse } from './source-rules.mjs'
import { complaintsAboutText } from './text-rules.mjs'

const root = resolve(fileURLToPath(import.meta.url), '../../../..')
const folder = process.cwd()
const update = process.argv.includes('--update')
const complaints = folder === root ? aboutRepository() : aboutPackage()
for (const { path, line, rule, message } of complaints) console.error(`${fromRoot(path)}:${line}  ${rule}: ${message}`)
process.exitCode = complaints.length > 0 ? 1 : 0

function aboutPackage() {
  const manifest = readManifest(folder)
  const found = []
  for (const message of complaintsAboutManifest(manifest))
    found.push({ path: 'package.json', line: 1, rule: 'manifest', message })
  if (!manifest.private) found.push(...undocumented(folder, manifest))
  const sizes = []
  for (const path of sources(folder)) {
    const file = parse(fromRoot(path), readFileSync(path, 'utf8'))
    for (const complaint of complaintsAboutSource(file, manifest)) found.push({ path, ...complaint })
    sizes.push(...oversized(file))
  }
  const prefix = `${fromRoot(folder)}/`
  if (update) writeRatchet(sizes, readRatchet(), prefix)
  else
    for (const { key, ...complaint } of complaintsAboutSizes(sizes, readRatchet(), prefix))
      found.push({ path: join(root, key), ...complaint })
  return found
}

function aboutRepository() {
  const found = []
  const manifests = ['packages', 'tooling'].flatMap((group) =>
    readdirSync(join(root, group))
      .map((name) => join(root, group, name))
      .filter((it) => existsSync(join(it, 'package.json')))
      .map(readManifest),
  )
  const cycle = cycleAmong(manifests)
  if (cycle !== undefined) found.push({ path: 'package.json', line: 1, rule: 'no-cycle', message: cycle.join(' -> ') })
  const listed = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 }).split(
    '\0',
  )
  for (const path of listed) {
    if (path === '' || /(^|\/)fixtures\//.test(path) || !existsSync(join(root, path))) continue
    const bytes = readFileSync(join(root, path))
    if (bytes.subarray(0, 8000).includes(0)) continue
    for (const complaint of complaintsAboutText(bytes.toString())) found.push({ path, ...complaint })
  }
  return found
}

function* sources(top) {
  for (const entry of readdirSync(top, { withFileTypes: true })) {
    const path = join(top, entry.name)
    if (entry.isDirectory()) {
      if (!['node_modules', 'dist', 'fixtures', '.results', '.turbo'].includes(entry.name)) yield* sources(path)
    } else if (/\.m?ts$|\.mjs$/.test(entry.name) && !/\.d\.m?ts$/.test(entry.name)) yield path
  }
}

function readManifest(where) {
  return JSON.parse(readFileSync(join(where, 'package.json'), 'utf8'))
}

function fromRoot(path) {
  return relative(root, resolve(folder, path)).split(sep).join('/')
}
