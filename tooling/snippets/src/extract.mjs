// Finds the examples in a Markdown document.

/**
 * Every TypeScript example of a document, as `{ line, code, run }`.
 *
 * - A block marked `ts` is compiled and run; `ts no-run` is only compiled.
 * - `ts continued` goes on where the block before it ended: both are one program.
 * - What stands in an HTML comment `<!-- ts … -->` directly above a block belongs to the program, and is not shown.
 */
export function examplesIn(markdown) {
  const examples = []
  const lines = markdown.split(/\r?\n/)
  let hidden = ''
  for (let at = 0; at < lines.length; at++) {
    if (/^\s*<!--\s*ts\b/.test(lines[at])) {
      const end = lines.findIndex((line, index) => index >= at && line.includes('-->'))
      if (end === -1) throw new Error(`line ${at + 1}: the comment does not end`)
      hidden =
        lines
          .slice(at, end + 1)
          .join('\n')
          .replace(/^\s*<!--\s*ts\b/, '')
          .replace(/-->[^]*$/, '') + '\n'
      at = end
      continue
    }
    const fence = /^(\s*)(```+|~~~+)\s*(\S*)\s*(.*)$/.exec(lines[at])
    if (fence === null) {
      if (lines[at].trim() !== '') hidden = ''
      continue
    }
    const [, indent, ticks, language, flags] = fence
    const end = lines.findIndex(
      (line, index) => index > at && line.trim().startsWith(ticks) && line.trim().replace(/[`~]/g, '') === '',
    )
    if (end === -1) throw new Error(`line ${at + 1}: the block does not end`)
    if (/^(ts|typescript|tsx|mts)$/i.test(language)) {
      const code =
        lines
          .slice(at + 1, end)
          .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
          .join('\n') + '\n'
      add(examples, { line: at + 1, code: hidden + code, flags: flags.split(/\s+/).filter((flag) => flag !== '') })
    }
    hidden = ''
    at = end
  }
  return examples
}

function add(examples, { line, code, flags }) {
  for (const flag of flags) {
    if (!['run', 'no-run', 'continued'].includes(flag)) throw new Error(`line ${line}: unknown mark '${flag}'`)
  }
  const run = !flags.includes('no-run')
  if (!flags.includes('continued')) {
    examples.push({ line, code, run })
    return
  }
  const previous = examples.at(-1)
  if (previous === undefined) throw new Error(`line ${line}: there is nothing to continue`)
  previous.code += code
  previous.run &&= run
}

/** The packages that a program imports, by name. */
export function packagesOf(code) {
  const names = new Set()
  for (const [, specifier] of code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g)) {
    if (specifier.startsWith('.') || specifier.startsWith('node:')) continue
    names.add(
      specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/'),
    )
  }
  return [...names]
}
