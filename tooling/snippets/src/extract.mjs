// Finds the examples in a Markdown document.

/**
 * Every TypeScript example of a document, as `{ line, code, run, file, output }`.
 *
 * - A block marked `ts` is compiled and run; `ts no-run` is only compiled.
 * - `ts continued` goes on where the block before it ended: both are one program.
 * - `ts file=name.ts` has a name, by which other examples can import it: `./name.ts`.
 * - A block marked `text output` is what the program above it prints, as `{ line, end, text }`: where it stands, and it.
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
    if (language === 'text' && flags.trim() === 'output') {
      const previous = examples.at(-1)
      if (previous === undefined || 'output' in previous) {
        throw new Error(`line ${at + 1}: there is nothing that prints this`)
      }
      previous.output = { line: at + 2, end: end + 1, text: lines.slice(at + 1, end).join('\n') }
    }
    hidden = ''
    at = end
  }
  return examples
}

function add(examples, { line, code, flags }) {
  let file
  for (const flag of flags) {
    const named = /^file=([\w.-]+)\.ts$/.exec(flag)
    if (named !== null) file = named[1]
    else if (!['run', 'no-run', 'continued'].includes(flag)) throw new Error(`line ${line}: unknown mark '${flag}'`)
  }
  const run = !flags.includes('no-run')
  if (!flags.includes('continued')) {
    examples.push({ line, code, run, ...(file === undefined ? {} : { file }) })
    return
  }
  const previous = examples.at(-1)
  if (previous === undefined) throw new Error(`line ${line}: there is nothing to continue`)
  previous.code += code
  previous.run &&= run
}

/** What a program prints, without numbers and what is quoted: a later version may count otherwise, and find another. */
export function gistOf(text) {
  return text
    .replace(/"[^"\n]*"|`[^`\n]*`/g, '""')
    .replace(/\d+(\.\d+)?/g, '0')
    .replace(/[ \t]+$/gm, '')
    .trim()
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
