// Rules about one source file. Each takes a parsed file and yields complaints: `{ line, rule, message }`.
import ts from 'typescript'

/** The most lines that a file, and a function in src/, may have without an entry in ratchet.json. */
export const limits = { file: 400, function: 70 }

// What a folder of core's src/ may import besides itself. What stands at the top of src/ is an entry point and may
// import everything but the file system.
const rooms = {
  types: [],
  interfaces: ['types'],
  consensus: ['types'],
  wire: ['types', 'interfaces', 'clock'],
  clock: ['types', 'interfaces'],
  raft: ['types', 'interfaces', 'consensus', 'wire', 'clock'],
  fs: ['types', 'interfaces', 'wire', 'clock', 'raft', ''],
  '': ['types', 'interfaces', 'consensus', 'wire', 'clock', 'raft'],
}

const impureNames = new Map([
  ...['Date', 'performance'].map((name) => [name, 'time comes in with the event']),
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'].map((name) => [name, 'the rules never wait']),
  ...['Promise', 'PromiseLike', 'Awaitable', 'AsyncIterable'].map((name) => [
    name,
    'what takes time comes back as an event',
  ]),
  ...['crypto', 'process', 'globalThis', 'console', 'fetch'].map((name) => [name, 'the rules run anywhere']),
])

/** Parses a source file for the rules below. `path` is relative to the repository, with forward slashes. */
export function parse(path, text) {
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true) }
}

/** Every complaint about one source file. `manifest` is its package's package.json. */
export function* complaintsAboutSource(file, manifest) {
  yield* defaultExports(file)
  yield* starExports(file)
  yield* unfinished(file)
  yield* imports(file, manifest)
  if (file.path.startsWith('packages/core/src/')) yield* importDirection(file)
  if (file.path.startsWith('packages/core/src/consensus/')) yield* impurities(file)
}

/** The sizes that the ratchet limits: `{ key, size, limit, line }`, only those above their limit. */
export function* oversized(file) {
  const lines = file.text.split('\n').length - (file.text.endsWith('\n') ? 1 : 0)
  if (lines > limits.file) yield { key: file.path, size: lines, limit: limits.file, line: 1 }
  if (!file.path.includes('/src/')) return
  for (const node of walk(file.tree)) {
    if (!ts.isFunctionLike(node) || node.body === undefined) continue
    const size = lineOf(file, node.end) - lineOf(file, node.getStart()) + 1
    if (size > limits.function) {
      yield {
        key: `${file.path}#${functionName(node)}`,
        size,
        limit: limits.function,
        line: lineOf(file, node.getStart()),
      }
    }
  }
}

function* defaultExports(file) {
  if (file.path.endsWith('.config.ts')) return
  for (const node of file.tree.statements) {
    const isDefault =
      ts.isExportAssignment(node) || node.modifiers?.some((it) => it.kind === ts.SyntaxKind.DefaultKeyword)
    if (isDefault) yield complaint(file, node, 'no-default-export', 'export by name')
  }
}

function* starExports(file) {
  for (const node of file.tree.statements) {
    if (ts.isExportDeclaration(node) && node.exportClause === undefined) {
      yield complaint(file, node, 'no-star-export', 'name what is exported')
    }
  }
}

function* unfinished(file) {
  const words = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|')})\\b`)
  for (const [at, line] of file.text.split('\n').entries()) {
    if (words.test(line)) yield { line: at + 1, rule: 'no-unfinished', message: 'say what holds now, or open an issue' }
  }
}

function* imports(file, manifest) {
  const inSource = file.path.includes('/src/')
  const allowed = new Set(
    Object.keys({ ...manifest.dependencies, ...(inSource && !manifest.private ? {} : manifest.devDependencies) }),
  )
  allowed.add(manifest.name)
  if (!inSource || manifest.private)
    for (const name of ['vitest', 'typescript', 'publint', '@arethetypeswrong/core']) allowed.add(name)
  for (const { node, specifier } of importsOf(file)) {
    if (specifier.startsWith('.')) {
      if (!/\.(m?ts|mjs|json)$/.test(specifier))
        yield complaint(file, node, 'import-extension', `write the extension: '${specifier}'`)
    } else if (specifier.startsWith('node:')) {
      if (manifest.name === '@raft/core' && inSource && !file.path.startsWith('packages/core/src/fs/')) {
        yield complaint(file, node, 'no-node-in-core', `only src/fs may import '${specifier}'`)
      }
    } else {
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/')
      if (!allowed.has(name))
        yield complaint(file, node, 'undeclared-dependency', `'${name}' is not among this package's dependencies`)
    }
  }
}

function* importDirection(file) {
  const room = roomOf(file.path)
  const allowed = rooms[room]
  if (allowed === undefined) {
    yield { line: 1, rule: 'import-direction', message: `src/${room} is not a known room` }
    return
  }
  for (const { node, specifier } of importsOf(file)) {
    if (!specifier.startsWith('.')) {
      if (room === 'consensus' || room === 'types')
        yield complaint(file, node, 'import-direction', `${room} imports no package`)
      continue
    }
    const target = roomOf(new URL(specifier, `file:///${file.path}`).pathname.slice(1))
    if (target === room || allowed.includes(target)) continue
    yield complaint(
      file,
      node,
      'import-direction',
      `${room || 'an entry point'} may not import ${target || 'an entry point'}`,
    )
  }
}

function* impurities(file) {
  for (const node of walk(file.tree)) {
    const isAsync = node.modifiers?.some((it) => it.kind === ts.SyntaxKind.AsyncKeyword)
    if (isAsync || ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)) {
      yield complaint(file, node, 'pure-consensus', 'no async and no await: what takes time comes back as an event')
    } else if (
      ts.isPropertyAccessExpression(node) &&
      node.expression.getText() === 'Math' &&
      node.name.text === 'random'
    ) {
      yield complaint(file, node, 'pure-consensus', 'no Math.random: chance comes in from outside')
    } else if (ts.isIdentifier(node) && impureNames.has(node.text) && !isMemberName(node)) {
      yield complaint(file, node, 'pure-consensus', `no ${node.text}: ${impureNames.get(node.text)}`)
    }
  }
}

function isMemberName(node) {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent) || ts.isQualifiedName(parent)) return (parent.name ?? parent.right) === node
  return (
    (ts.isPropertyAssignment(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isMethodDeclaration(parent)) &&
    parent.name === node
  )
}

/** Every module that a file names: imports, re-exports, `import()` and `import type`. */
export function importsOf(file) {
  const found = []
  for (const node of walk(file.tree)) {
    const name =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
          ? node.arguments[0]
          : ts.isImportTypeNode(node)
            ? node.argument.literal
            : undefined
    if (name !== undefined && ts.isStringLiteralLike(name)) found.push({ node, specifier: name.text })
  }
  return found
}

function roomOf(path) {
  const parts = path.replace(/^packages\/core\/src\//, '').split('/')
  return parts.length > 1 ? parts[0] : ''
}

function functionName(node) {
  if (node.name !== undefined) return node.name.getText()
  if (ts.isConstructorDeclaration(node)) return 'constructor'
  const { parent } = node
  return parent.name !== undefined ? parent.name.getText() : 'anonymous'
}

function* walk(node) {
  yield node
  const children = []
  ts.forEachChild(node, (child) => {
    children.push(child)
  })
  for (const child of children) yield* walk(child)
}

function lineOf(file, position) {
  return file.tree.getLineAndCharacterOfPosition(position).line + 1
}

function complaint(file, node, rule, message) {
  return { line: lineOf(file, node.getStart()), rule, message }
}
