/** Commands, and what they print. */
export interface Block {
  readonly commands: readonly string[]
  readonly expected: string
}

/** A transcript: what it shows, and its blocks. */
export interface Transcript {
  readonly headline: string
  readonly blocks: readonly Block[]
}

/**
 * Reads a transcript: comments, then blocks of command lines, `----`, and the output, which ends at a blank line.
 * Comments and blank lines before commands belong to the block.
 */
export function parseTranscript(text: string): Transcript {
  const blocks: { commands: string[]; expected: string[] }[] = []
  let commands: string[] = []
  let output: string[] | undefined
  for (const line of text.split('\n')) {
    if (output !== undefined) {
      if (line !== '') {
        output.push(line)
        continue
      }
      blocks.push({ commands, expected: output })
      commands = []
      output = undefined
    } else if (line === '----') output = []
    else commands.push(line)
  }
  if (output !== undefined) blocks.push({ commands, expected: output })
  if (commands.some((line) => line !== '')) throw new Error('the last commands have no ----')
  const headline = text.split('\n')[0]?.replace(/^# /, '') ?? ''
  return { headline, blocks: blocks.map(({ commands, expected }) => ({ commands, expected: expected.join('\n') })) }
}

/** Writes a transcript with the output that its commands really have. */
export function formatTranscript(blocks: readonly Block[]): string {
  const shown = blocks.map(({ commands, expected }) => [...commands, '----', expected].join('\n'))
  return `${shown.join('\n\n').replace(/\n+$/, '')}\n`
}

/** A command line: its words, and its `name=value` options. */
export interface Command {
  readonly name: string
  readonly words: readonly string[]
  readonly options: ReadonlyMap<string, string>
}

export function parseCommand(line: string): Command {
  const [name = '', ...rest] = line.trim().split(/\s+/)
  const words: string[] = []
  const options = new Map<string, string>()
  for (const word of rest) {
    const at = word.indexOf('=')
    if (at < 0) words.push(word)
    else options.set(word.slice(0, at), word.slice(at + 1))
  }
  return { name, words, options }
}
