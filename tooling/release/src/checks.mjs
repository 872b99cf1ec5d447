// What a packed package must be. Each check returns its complaints as strings.
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

/** What publint says about a tarball, suggestions included. */
export async function publintComplaints(tarball) {
  const bytes = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength)
  const { messages, pkg } = await publint({ pack: { tarball: bytes }, strict: true })
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code)
}

// The packages are ESM only, as attw's profile `esm-only` means it: these two ways to resolve them do not count.
const notOffered = ['node10', 'node16-cjs']

/** What 'are the types wrong?' says about a tarball, for a package that is ESM only. */
export async function typesComplaints(tarball) {
  const analysis = await checkPackage(createPackageFromTarballData(tarball))
  if (analysis.types === false) return ['it has no types']
  return analysis.problems
    .filter((problem) => !notOffered.includes(problem.resolutionKind))
    .map(({ kind, entrypoint, fileName, typesFileName }) => `${kind} at ${entrypoint ?? fileName ?? typesFileName}`)
}

/** What is wrong with the files in a tarball: missing ones, strangers, and maps that lead nowhere. */
export function fileComplaints(tarball) {
  const content = createPackageFromTarballData(tarball)
  const top = `/node_modules/${content.packageName}/`
  const files = new Set(content.listFiles().map((file) => file.slice(top.length)))
  const manifest = JSON.parse(content.readFile(`${top}package.json`))
  const complaints = []
  for (const name of ['README.md', 'LICENSE']) if (!files.has(name)) complaints.push(`${name} is missing`)
  for (const target of [...targetsOf(manifest.exports), ...targetsOf(manifest.bin)]) {
    if (!files.has(target.replace('./', ''))) complaints.push(`${target} is named and missing`)
  }
  for (const target of targetsOf(manifest.bin)) {
    const text = content.tryReadFile(top + target.replace('./', ''))
    if (text !== undefined && !text.startsWith('#!'))
      complaints.push(`${target} is a command and does not begin with #!`)
  }
  for (const file of files) {
    if (!/^(dist\/|src\/|package\.json$|README\.md$|LICENSE$|CHANGELOG\.md$|[A-Z]+\.md$)/.test(file))
      complaints.push(`${file} is no part of a package`)
    if (/\.test\.|\.tsbuildinfo$/.test(file)) complaints.push(`${file} is published`)
    if (file.endsWith('.map')) complaints.push(...mapComplaints(file, JSON.parse(content.readFile(top + file)), files))
  }
  for (const [name, range] of Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    if (/^(workspace|link|file):/.test(range)) complaints.push(`${name} is still '${range}'`)
  }
  return complaints
}

function mapComplaints(file, map, files) {
  return (map.sources ?? [])
    .map((source) => new URL(source, `file:///${file}`).pathname.slice(1))
    .filter((source) => !files.has(source))
    .map((source) => `${file} leads to ${source}, which is not there`)
}

function targetsOf(value) {
  if (typeof value === 'string') return [value]
  return Object.values(value ?? {}).flatMap(targetsOf)
}
