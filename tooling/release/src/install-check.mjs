// Installs packed packages into empty folders, and runs the examples of their documents there.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { must, run } from '../../run/command.mjs'
import { install } from '../../run/install.mjs'
import { environment, headersFolder, root } from '../../run/workspace.mjs'
import { pack, publishedPackages } from './pack.mjs'

const newer = '24'

/** Runs the check with these parameters, and sets the exit status. */
export async function installCheck(parameters) {
  const { values } = parseArgs({
    args: parameters,
    options: {
      node: { type: 'string', multiple: true },
      only: { type: 'string', multiple: true },
      keep: { type: 'boolean' },
    },
  })
  const top = mkdtempSync(join(tmpdir(), 'raft-install-'))
  try {
    const packages = await packAll(top)
    const chosen = packages.filter(
      ({ name }) => values.only?.some((only) => name === only || name === `@raft/${only}`) ?? true,
    )
    if (chosen.length === 0) throw new Error(`No package is called ${values.only.join(' or ')}.`)
    const nodes = values.node ?? [process.execPath, await nodeFromNpm(top)]
    let failed = 0
    for (const node of nodes) failed += await checkAll(chosen, packages, top, resolve(node))
    console.log(`\n${nodes.length * chosen.length - failed} passed, ${failed} failed`)
    process.exitCode = failed > 0 ? 1 : 0
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  } finally {
    if (values.keep) console.log(`Kept ${top}.`)
    else rmSync(top, { recursive: true, force: true })
  }
}

async function packAll(top) {
  await install()
  await must('The build', 'turbo', [
    'run',
    'build',
    '--filter=./packages/*',
    '--ui=stream',
    '--output-logs=errors-only',
    '--concurrency=2',
  ])
  const { examplesIn, packagesOf } = await import('@raft-tooling/snippets/extract')
  const { transpile } = await import('@raft-tooling/snippets/compile')
  const destination = join(top, 'tarballs')
  mkdirSync(destination)
  const packages = []
  for (const { name, folder, manifest } of publishedPackages()) {
    const example = examplesIn(readFileSync(join(folder, 'README.md'), 'utf8')).find(({ run: runs }) => runs)
    packages.push({
      name,
      dependencies: Object.keys(manifest.dependencies ?? {}),
      tarball: await pack(folder, destination, environment()),
      example:
        example === undefined
          ? undefined
          : { program: transpile(example.code), packages: packagesOf(example.code), line: example.line },
    })
  }
  return packages
}

async function nodeFromNpm(top) {
  const folder = join(top, 'node')
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  console.log(`Fetching node@${newer} …`)
  await must(`Fetching node@${newer}`, 'npm', ['install', ...quiet, `node@${newer}`], {
    cwd: folder,
    env: cleanEnvironment(),
  })
  return join(folder, 'node_modules/node/bin/node')
}

async function checkAll(chosen, packages, top, node) {
  const version = (await must('Asking for the version', node, ['--version'])).trim()
  console.log(`\nNode ${version}`)
  let failed = 0
  for (const checked of chosen) {
    const folder = mkdtempSync(join(top, `${checked.name.replace(/\W+/g, '-')}-`))
    const start = performance.now()
    try {
      const what = await checkOne(checked, packages, folder, { node, version })
      console.log(`  ok      ${checked.name.padEnd(22)}${what} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
    } catch (error) {
      failed++
      console.log(`  FAILED  ${checked.name}\n\n${error.message}\n`)
    }
  }
  return failed
}

/** Installs one package and runs its example. Without one, each of its entries is imported. */
async function checkOne({ name, example }, packages, folder, { node, version }) {
  const env = cleanEnvironment(node, version)
  const named = [name, ...(example?.packages ?? [])]
  const ours = closure(named, packages)
  const tarballs = packages.filter((it) => ours.has(it.name)).map(({ tarball }) => tarball)
  const theirs = named.filter((it) => !ours.has(it)).map(withRange)
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  await must('npm install', 'npm', ['install', ...quiet, ...tarballs, ...theirs], { cwd: folder, env })
  writeFileSync(join(folder, 'program.js'), example?.program ?? importsOf(folder, name))
  const limit = AbortSignal.timeout(120_000)
  const parameters = example?.packages.includes('vitest')
    ? ['node_modules/vitest/vitest.mjs', 'run', '--include', 'program.js']
    : ['program.js']
  const { code, output } = await run(node, parameters, { cwd: folder, env, signal: limit })
  if (code !== 0)
    throw new Error(
      `Its program ended with ${limit.aborted ? 'no result after two minutes' : `status ${code}`}:\n${output}`,
    )
  if (name === '@raft/testing') await checkTraces(folder, node, env)
  return example === undefined ? 'imported (its README has no example)' : `README.md:${example.line}`
}

/** Repeats simulations whose traces are known: they must be the same under every Node. */
async function checkTraces(folder, node, env) {
  const traces = JSON.parse(readFileSync(join(root, 'packages/testing/test/simulator/traces.json'), 'utf8'))
  const program = join('node_modules', '@raft', 'testing', 'dist', 'bin', 'raft-sim.js')
  for (const [name, hash] of Object.entries(traces)) {
    const [seed, profile] = name.split(' ')
    const parameters = [program, '--seed', seed, '--profile', profile, '--duration', '10000']
    const output = await must(`raft-sim of seed ${name}`, node, parameters, { cwd: folder, env })
    if (!output.includes(`trace ${hash}`))
      throw new Error(`Seed ${name} is another run here than trace ${hash}:\n${output}`)
  }
}

/** These packages and all of ours that they depend on. The registry need not have any of them. */
function closure(names, packages) {
  const found = new Set()
  const visit = (name) => {
    const one = packages.find((it) => it.name === name)
    if (one === undefined || found.has(name)) return
    found.add(name)
    one.dependencies.forEach(visit)
  }
  names.forEach(visit)
  return found
}

/** A package of others, with the range that this repository uses it in. */
function withRange(name) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const range = manifest.devDependencies[name]
  return range === undefined ? name : `${name}@${range}`
}

function importsOf(folder, name) {
  const { exports } = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'))
  const entries = Object.keys(exports).filter((entry) => !entry.endsWith('.json'))
  return entries.map((entry) => `import '${name}${entry.slice(1)}'\n`).join('')
}

const quiet = ['--no-audit', '--no-fund', '--loglevel=error']

/** A user's environment: nothing of this repository on the path, and this Node first. */
function cleanEnvironment(node = process.execPath, version = process.version) {
  const env = environment()
  const path = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  const folders = env[path].split(delimiter).filter((folder) => !folder.startsWith(root))
  env[path] = [dirname(node), ...folders].join(delimiter)
  delete env.npm_config_nodedir
  const headers = headersFolder(node, version)
  if (headers !== undefined) env.npm_config_nodedir = headers
  return env
}
