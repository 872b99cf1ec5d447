// Installs pnpm into .tools/ and the workspace with it, and does neither when nothing has changed since the last time.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { must, run } from './command.mjs'
import { packageManager, root, toolsFolder } from './workspace.mjs'

const mark = join(root, 'node_modules/.raft-installed.json')

/** Makes sure that pnpm and every dependency are there. Prints one line when there is something to do. */
export async function install(say = console.log) {
  mkdirSync(toolsFolder, { recursive: true })
  const release = await lock(join(toolsFolder, 'install.lock'))
  try {
    await installPnpm(say)
    await installWorkspace(say)
  } finally {
    release()
  }
}

async function installPnpm(say) {
  const version = packageManager.slice(packageManager.lastIndexOf('@') + 1)
  const manifest = join(toolsFolder, 'node_modules/pnpm/package.json')
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version) return
  say(`Fetching ${packageManager} into .tools/ …`)
  writeFileSync(join(toolsFolder, 'package.json'), '{ "private": true }\n')
  const flags = ['--no-audit', '--no-fund', '--no-package-lock', '--no-save', '--loglevel=error']
  await must('Fetching pnpm', 'npm', ['install', ...flags, packageManager], { cwd: toolsFolder })
}

async function installWorkspace(say) {
  const wanted = fingerprint()
  const found = existsSync(mark) ? JSON.parse(readFileSync(mark, 'utf8')) : {}
  if (found.manifests === wanted.manifests && found.native === wanted.native) return
  say('Installing dependencies (the first time this compiles SQLite and takes a minute or two) …')
  await must('Installing dependencies', 'pnpm', [
    'install',
    '--frozen-lockfile',
    '--config.confirm-modules-purge=false',
    '--reporter=append-only',
  ])
  await compileForThisNode(say)
  writeFileSync(mark, JSON.stringify(wanted) + '\n')
}

/** Native modules stay as they were compiled when Node is replaced by another: then they have to be compiled again. */
async function compileForThisNode(say) {
  const cwd = join(root, 'packages/store-sqlite')
  const trial = ['-e', "new (require('better-sqlite3'))(':memory:').close()"]
  if ((await run(process.execPath, trial, { cwd })).code === 0) return
  say('Compiling SQLite for this version of Node …')
  await must('Compiling SQLite', 'pnpm', ['rebuild', '--recursive', '--reporter=append-only', 'better-sqlite3'])
  await must('Opening a SQLite database', process.execPath, trial, { cwd })
}

/** What the installed tree depends on: every manifest and the lockfile, and the Node that native modules are made for. */
function fingerprint() {
  const hash = createHash('sha256')
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests()]) {
    hash
      .update(file + '\0')
      .update(readFileSync(join(root, file)))
      .update('\0')
  }
  return { manifests: hash.digest('hex'), native: `${process.platform}-${process.arch}-${process.versions.modules}` }
}

function manifests() {
  const found = ['package.json']
  for (const group of ['packages', 'tooling']) {
    for (const name of readdirSync(join(root, group)).sort()) {
      if (existsSync(join(root, group, name, 'package.json'))) found.push(`${group}/${name}/package.json`)
    }
  }
  return found
}

/** Waits until no other process installs. A lock whose owner is gone, or that is older than half an hour, is taken over. */
async function lock(file) {
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      return () => rmSync(file, { force: true })
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (abandoned(file)) rmSync(file, { force: true })
    else await sleep(200)
  }
}

function abandoned(file) {
  try {
    if (Date.now() - statSync(file).mtimeMs > 30 * 60_000) return true
    const owner = Number(readFileSync(file, 'utf8'))
    if (owner > 0) process.kill(owner, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH' // ENOENT: the owner has just finished, so the next try gets it.
  }
}
