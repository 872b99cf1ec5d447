// Rules about a package's manifest and its place in the tree of packages.

// What each published package may depend on. The tree has no cycle, development dependencies included:
// core <- store-inmem <- testing <- the tests of the adapters.
const tested = ['@raft/store-inmem', '@raft/testing']
const published = {
  '@raft/core': { dependencies: ['@msgpack/msgpack'], devDependencies: [] },
  '@raft/store-inmem': { dependencies: ['@raft/core'], devDependencies: [] },
  '@raft/testing': { dependencies: ['@raft/core', '@raft/store-inmem', '@msgpack/msgpack'], devDependencies: [] },
  '@raft/store-sqlite': {
    dependencies: ['@raft/core', 'better-sqlite3'],
    devDependencies: [...tested, '@types/better-sqlite3'],
  },
  '@raft/snapshot-file': { dependencies: ['@raft/core'], devDependencies: tested },
  '@raft/transport-tcp': { dependencies: ['@raft/core'], devDependencies: tested },
  '@raft/transport-ws': { dependencies: ['@raft/core', 'ws'], devDependencies: [...tested, '@types/ws'] },
}

/** Every complaint about one package.json, as strings. */
export function* complaintsAboutManifest(manifest) {
  if (manifest.private) {
    if (!manifest.name.startsWith('@raft-tooling/'))
      yield `a private package is called @raft-tooling/…, not ${manifest.name}`
  } else yield* complaintsAboutPublished(manifest)
  for (const group of ['dependencies', 'devDependencies']) {
    for (const [name, range] of Object.entries(manifest[group] ?? {})) {
      if (name.startsWith('@raft/') && range !== 'workspace:^')
        yield `${group}: ${name} is 'workspace:^', not '${range}'`
    }
  }
}

function* complaintsAboutPublished(manifest) {
  const rule = published[manifest.name]
  if (rule === undefined) {
    yield `${manifest.name} has no place in the tree of packages (tooling/tidy/src/package-rules.mjs)`
    return
  }
  for (const group of ['dependencies', 'devDependencies']) {
    for (const name of Object.keys(manifest[group] ?? {})) {
      if (!rule[group].includes(name)) yield `${group}: ${manifest.name} may not depend on ${name}`
    }
  }
  for (const group of ['peerDependencies', 'optionalDependencies', 'bundleDependencies']) {
    if (manifest[group] !== undefined) yield `${group}: dependencies are plain ones`
  }
  for (const [field, value] of [
    ['type', 'module'],
    ['license', 'MIT'],
    ['sideEffects', false],
  ]) {
    if (manifest[field] !== value) yield `${field} is ${JSON.stringify(value)}`
  }
  if (manifest.engines?.node !== '>=20.19') yield `engines.node is ">=20.19"`
  if (!(manifest.description?.length > 20)) yield 'description is missing'
  if (!manifest.keywords?.includes('raft')) yield "keywords name 'raft'"
  if (manifest.exports?.['./package.json'] !== './package.json') yield 'exports name ./package.json'
  for (const [entry, target] of Object.entries(manifest.exports ?? {})) {
    if (entry === './package.json') continue
    // What differs for browsers comes first, and names the same two.
    const { browser = target, ...rest } = Object(target)
    const named = [browser, rest].every((one) => Object.keys(one)[0] === 'types' && one.default !== undefined)
    if (typeof target !== 'object' || !named) {
      yield `exports: '${entry}' names types, then default`
    }
  }
  for (const folder of ['dist', 'src']) if (!manifest.files?.includes(folder)) yield `files name '${folder}'`
}

/** A cycle among these packages, development dependencies included, as a list of names, or nothing. */
export function cycleAmong(manifests) {
  const byName = new Map(manifests.map((manifest) => [manifest.name, manifest]))
  const done = new Set()
  const visit = (name, path) => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name]
    if (done.has(name)) return undefined
    const { dependencies, devDependencies } = byName.get(name)
    for (const next of Object.keys({ ...dependencies, ...devDependencies })) {
      const cycle = byName.has(next) ? visit(next, [...path, name]) : undefined
      if (cycle !== undefined) return cycle
    }
    done.add(name)
    return undefined
  }
  for (const name of byName.keys()) {
    const cycle = visit(name, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}
