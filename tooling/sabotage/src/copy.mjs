import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** The root of the repository. */
export const root = fileURLToPath(new URL('../../../', import.meta.url))

/** The packages that are broken, or tested with what is broken. */
const packages = ['core', 'testing', 'store-inmem', 'store-sqlite', 'snapshot-file', 'transport-tcp']

/** One process for one run of tests; nothing that a broken rule does may outlive it. */
const settings = `export default {
  test: {
    include: ['packages/*/test/**/*.test.ts'], passWithNoTests: true, restoreMocks: true,
    testTimeout: 10_000, hookTimeout: 10_000, teardownTimeout: 1_000, maxWorkers: 1, pool: 'threads',
  },
}
`

/**
 * A copy of the packages to break things in: sources, tests, and what a compiler makes of the sources, so that packages
 * meet each other, their worker threads and the processes of their tests as they do when built. `remove` deletes it.
 */
export function copyOfPackages(from = root) {
  const folder = mkdtempSync(join(tmpdir(), 'raft-sabotage-'))
  // Tests let other users try.
  chmodSync(folder, 0o755)
  cpSync(join(root, 'tooling/tsconfig'), join(folder, 'tooling/tsconfig'), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const name of packages) copyPackage(join(from, 'packages', name), join(folder, 'packages', name))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true }))
  writeFileSync(join(folder, 'vitest.config.mjs'), settings)
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

function copyPackage(from, to) {
  mkdirSync(to, { recursive: true })
  for (const part of ['src', 'test', 'package.json', 'tsconfig.json']) {
    cpSync(join(from, part), join(to, part), { recursive: true })
  }
  // The links to other packages stay relative, and so lead to their copies.
  const filter = (path) => !basename(path).startsWith('.vite')
  const links = join(root, 'packages', basename(from), 'node_modules')
  cpSync(links, join(to, 'node_modules'), { recursive: true, verbatimSymlinks: true, filter })
  for (const path of readdirSync(join(to, 'src'), { recursive: true })) {
    if (path.endsWith('.ts')) compile(join(to, 'src', path))
  }
}

/** Makes `dist/x.js` of `src/x.ts`. */
export function compile(path) {
  const target = path.replace('/src/', '/dist/').replace(/\.ts$/, '.js')
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, compiled(readFileSync(path, 'utf8'), path).text)
}

/** JavaScript of TypeScript, types only taken out, and what the compiler has against its syntax. */
export function compiled(source, fileName) {
  const { outputText, diagnostics } = ts.transpileModule(source, {
    fileName,
    reportDiagnostics: true,
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  })
  return { text: outputText, diagnostics }
}
