// Compiles examples as a user would: strictly, against the packages that node_modules holds.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'

const options = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  rewriteRelativeImportExtensions: true,
  moduleDetection: ts.ModuleDetectionKind.Force,
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  types: ['node'],
  noEmitOnError: false,
}

/**
 * Writes programs into a folder, each as `<name>.ts` and, compiled, `<name>.js`, and returns what the compiler says
 * about each: a map from name to messages. `modules` is the node_modules they see, `typeRoots` where @types is, and
 * `settings` are compiler options to change.
 */
export function compile(folder, programs, { modules, typeRoots, settings = {} }) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }\n')
  if (modules !== undefined) symlinkSync(modules, join(folder, 'node_modules'), 'junction')
  for (const { name, code } of programs) writeFileSync(join(folder, `${name}.ts`), code)
  const files = programs.map(({ name }) => join(folder, `${name}.ts`))
  const program = ts.createProgram(files, { ...options, typeRoots, ...settings })
  const { diagnostics } = program.emit()
  const messages = new Map(programs.map(({ name }) => [name, []]))
  for (const diagnostic of [...ts.getPreEmitDiagnostics(program), ...diagnostics]) {
    const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')
    const name =
      diagnostic.file === undefined ? undefined : relative(folder, diagnostic.file.fileName).replace(/\.ts$/, '')
    if (!messages.has(name)) throw new Error(`${name ?? ''}: ${text}`)
    const { line } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start)
    messages.get(name).push(`${diagnostic.file.text.split('\n')[line].trim()}\n  ${text}`)
  }
  return messages
}

/** One example as JavaScript, without a look at its types. */
export function transpile(code) {
  return ts.transpileModule(code, { compilerOptions: { ...options, module: ts.ModuleKind.ESNext } }).outputText
}
