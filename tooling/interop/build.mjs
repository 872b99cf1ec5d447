#!/usr/bin/env node
// Builds the Go programs into .bin/, unless what is there was built from the same sources by the same Go.
//   node build.mjs            builds, and says what it did
//   node build.mjs --record   builds, and records the fixtures again
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const folder = dirname(fileURLToPath(import.meta.url))
const source = join(folder, 'go')
const bin = join(folder, '.bin')
const stamp = join(bin, 'built')
const suffix = process.platform === 'win32' ? '.exe' : ''

/** What is built: the name of the program, its package, and what else `go build` is told. */
const programs = [
  { name: 'raftpeer', from: './cmd/raftpeer', flags: [] },
  { name: 'raftpeer-v1.6', from: './cmd/raftpeer', flags: ['-modfile=go.v1.6.mod', '-tags=raft16'] },
  { name: 'raftrecord', from: './cmd/raftrecord', flags: [] },
  { name: 'raftbench', from: './cmd/raftbench', flags: [] },
  { name: 'porcupine', from: './cmd/porcupine', flags: [] },
]

/** Why the programs cannot be built on this machine: there is no Go, or its modules cannot be fetched. */
export class GoMissing extends Error {
  name = 'GoMissing'
}

/** Where a program of `programs` is once it is built. */
export function program(name) {
  return join(bin, name + suffix)
}

/** The `go` command: that of the variable GO, of the path, or of the place where Go is installed by default. */
export function findGo() {
  const candidates = [
    process.env.GO,
    'go',
    '/usr/local/go/bin/go',
    '/opt/homebrew/bin/go',
    'C:\\Program Files\\Go\\bin\\go.exe',
  ]
  for (const candidate of candidates) {
    if (candidate === undefined) continue
    const { status, stdout } = spawnSync(candidate, ['version'], { encoding: 'utf8' })
    if (status === 0) return { command: candidate, version: stdout.trim() }
  }
  return undefined
}

/** Builds what is not built yet. Throws `GoMissing` if that is not possible here, and an `Error` if our code is wrong. */
export function build() {
  const go = findGo()
  if (go === undefined) throw new GoMissing('there is no Go on this machine')
  const wanted = JSON.stringify({ go: go.version, sources: fingerprint() })
  const done = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
  if (done && programs.every(({ name }) => existsSync(program(name)))) return { go, built: false }
  mkdirSync(bin, { recursive: true })
  rmSync(stamp, { force: true })
  for (const modfile of ['go.mod', 'go.v1.6.mod']) {
    const { status, output } = run(go.command, ['mod', 'download', `-modfile=${modfile}`])
    if (status !== 0) throw new GoMissing(`the modules of ${modfile} cannot be fetched:\n${output}`)
  }
  for (const { name, from, flags } of programs) {
    const partial = program(`${name}.${process.pid}`)
    const { status, output } = run(go.command, ['build', '-trimpath', ...flags, '-o', partial, from])
    if (status !== 0) throw new Error(`${name} does not build:\n${output}`)
    renameSync(partial, program(name))
  }
  writeFileSync(stamp, wanted)
  return { go, built: true }
}

function run(command, parameters) {
  const env = { ...process.env, GOFLAGS: '-mod=readonly -buildvcs=false', GOTOOLCHAIN: 'local' }
  const { status, stdout, stderr, error } = spawnSync(command, parameters, { cwd: source, env, encoding: 'utf8' })
  return { status, output: `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`.trimEnd() }
}

function fingerprint() {
  const hash = createHash('sha256')
  const files = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('_test.go'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  for (const file of [...files.sort(), fileURLToPath(import.meta.url)])
    hash.update(`${file}\0`).update(readFileSync(file))
  return hash.digest('hex')
}

function record() {
  const fixtures = join(folder, 'fixtures')
  for (const name of existsSync(fixtures) ? readdirSync(fixtures) : []) {
    if (name !== 'README.md') rmSync(join(fixtures, name), { recursive: true })
  }
  const { status } = spawnSync(program('raftrecord'), [fixtures], { stdio: 'inherit' })
  process.exitCode = status ?? 1
}

function main(parameters) {
  try {
    const { go, built } = build()
    console.log(`${go.version}: ${built ? 'built' : 'nothing to do'}`)
    if (parameters.includes('--record')) record()
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  main(process.argv.slice(2))
