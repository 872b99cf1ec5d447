// The packages as they were built: their declarations, read by the compiler, and their modules.
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** Where the program is that imports the packages; it exists in memory only. */
const probePath = fileURLToPath(new URL('probe.ts', import.meta.url))

const options = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  noEmit: true,
}

/** Loads the entry points. `probes` are statements that have to compile, each of which is one line. */
export async function loadPackages(entries, probes = []) {
  const imports = entries.map((entry, at) => `import type * as entry${at} from '${entry}'`)
  const names = entries.map((_, at) => `export type Entry${at} = typeof entry${at}`)
  const text = [...imports, ...names, ...probes].join('\n')
  const program = ts.createProgram([probePath], options, hostWith(text))
  const source = program.getSourceFile(probePath)
  const checker = program.getTypeChecker()
  const modules = new Map()
  for (const [at, entry] of entries.entries()) {
    const symbol = checker.getSymbolAtLocation(source.statements[at].moduleSpecifier)
    if (symbol === undefined) throw new Error(`${entry} has no declarations: build it first`)
    const exported = new Map(checker.getExportsOfModule(symbol).map((it) => [it.name, resolve(it, checker)]))
    modules.set(entry, { exported, values: await import(entry) })
  }
  const first = imports.length + names.length
  return { checker, modules, source, failures: failuresOf(program, source, first) }
}

function resolve(symbol, checker) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

/** What the compiler says of each probe, by the probe's place. */
function failuresOf(program, source, first) {
  const failures = new Map()
  const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
  for (const { start, messageText } of found) {
    const at = source.getLineAndCharacterOfPosition(start).line - first
    const message = ts.flattenDiagnosticMessageText(messageText, ' ')
    if (at < 0) throw new Error(message)
    failures.set(at, [...(failures.get(at) ?? []), message])
  }
  return failures
}

function hostWith(text) {
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (path) => path === probePath || fileExists(path)
  host.readFile = (path) => (path === probePath ? text : readFile(path))
  host.getSourceFile = (path, ...rest) =>
    path === probePath
      ? ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true)
      : getSourceFile.call(host, path, ...rest)
  return host
}
