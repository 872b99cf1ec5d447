// Whatever a published package exports has a doc comment where it is declared.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'

/** Every exported name without a doc comment, as `{ path, line, rule, message }`. `folder` is the package's. */
export function* undocumented(folder, manifest) {
  const seen = new Set()
  for (const target of Object.values(manifest.exports ?? {})) {
    if (typeof target !== 'object') continue
    const source = join(folder, target.default.replace(/^\.\/dist\//, 'src/').replace(/\.js$/, '.ts'))
    if (existsSync(source)) yield* undocumentedIn(source, undefined, seen)
  }
}

function* undocumentedIn(path, only, seen) {
  const tree = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ESNext, true)
  for (const node of tree.statements) {
    if (ts.isExportDeclaration(node)) {
      const from = node.moduleSpecifier?.text
      const next = from?.startsWith('.') ? join(dirname(path), from) : undefined
      if (next === undefined || !existsSync(next) || node.exportClause?.elements === undefined) continue
      yield* undocumentedIn(
        next,
        new Set(node.exportClause.elements.map((it) => (it.propertyName ?? it.name).text)),
        seen,
      )
    } else if (node.modifiers?.some((it) => it.kind === ts.SyntaxKind.ExportKeyword)) {
      for (const name of namesOf(node)) {
        const key = `${path}#${name}`
        if ((only !== undefined && !only.has(name)) || seen.has(key)) continue
        seen.add(key)
        if (isDocumented(tree, node, name)) continue
        const line = tree.getLineAndCharacterOfPosition(node.getStart()).line + 1
        yield { path, line, rule: 'documented', message: `${name} is public and has no doc comment` }
      }
    }
  }
}

function namesOf(node) {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.map((it) => it.name.getText())
  return node.name === undefined ? [] : [node.name.text]
}

/** One comment will do for a type and a value of the same name, and for all signatures of a function. */
function isDocumented(tree, node, name) {
  const sameName = tree.statements.filter(
    (it) => it === node || (it.modifiers !== undefined && namesOf(it).includes(name)),
  )
  return sameName.some((it) => ts.getJSDocCommentsAndTags(it).length > 0)
}
