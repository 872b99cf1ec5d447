import ts from 'typescript'

/** What makes a runner leave a test out, or leave others out for its sake. */
const marks = new Set(['skip', 'skipIf', 'runIf', 'todo', 'only', 'fails'])

/** Every text in quotes of a source as it is written there, with what is set around it that keeps it from running. */
export function textsIn(source) {
  const file = ts.createSourceFile('test.ts', source, ts.ScriptTarget.Latest, true)
  const found = []
  const visit = (node, marked) => {
    if (ts.isCallExpression(node)) {
      const own = [...marksOf(node.expression), ...node.arguments.flatMap(marksIn)]
      visit(node.expression, marked)
      for (const argument of node.arguments) visit(argument, [...marked, ...own])
      return
    }
    const text = textOf(node)
    if (text !== undefined) found.push({ text, marks: marked })
    ts.forEachChild(node, (child) => visit(child, marked))
  }
  visit(file, [])
  return found
}

function textOf(node) {
  if (ts.isStringLiteral(node)) return node.text
  if (!ts.isNoSubstitutionTemplateLiteral(node) && !ts.isTemplateExpression(node)) return undefined
  return node.getText().slice(1, -1).replaceAll('\\`', '`')
}

/** `describe.skip`, `test.skipIf(slow)`, `test.each(rows).only`. */
function marksOf(callee) {
  if (ts.isCallExpression(callee)) return marksOf(callee.expression)
  if (!ts.isPropertyAccessExpression(callee)) return []
  const name = callee.name.text
  return [...marksOf(callee.expression), ...(marks.has(name) ? [name] : [])]
}

/** `test('…', { skip: true }, …)`. */
function marksIn(argument) {
  if (!ts.isObjectLiteralExpression(argument)) return []
  return argument.properties.map(({ name }) => name?.getText() ?? '').filter((name) => marks.has(name))
}
