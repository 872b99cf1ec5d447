const begin = '<!-- bench: npm run bench -- --write -->'
const end = '<!-- /bench -->'

/** Replaces what is between the marks of a document. Throws an `Error` if they are not there. */
export function between(document: string, text: string): string {
  const from = document.indexOf(begin)
  const to = document.indexOf(end)
  if (from < 0 || to < from) throw new Error(`the document has no place for the figures: ${begin} … ${end}`)
  return `${document.slice(0, from + begin.length)}\n\n${text.trim()}\n\n${document.slice(to)}`
}
