import { regressionNamed, regressions } from '../simulator/regressions/index.ts'
import { playRegression } from '../simulator/regressions/play.ts'
import type { Regression } from '../simulator/regressions/regression.ts'

/** Lists all regressions, a line each. */
export function describeRegressions(): string {
  const width = Math.max(...regressions.map(({ name }) => name.length))
  return regressions.map(({ name, title, source }) => `${name.padEnd(width)}  ${title} (${source})`).join('\n')
}

/**
 * Plays the regression of a name, tells its story and the verdict; the result is whether it passed. With `all`, every
 * message is told too.
 */
export async function replay(name: string, all: boolean, say: (text: string) => void): Promise<boolean> {
  const regression = regressionNamed(name)
  say(headOf(regression))
  const { hash, duration, violations } = await playRegression(regression, (line) => {
    if (all || !/ -> | client \d+ /.test(line)) say(line)
  })
  const [first] = violations
  say(`\n${(duration / 1_000).toFixed(1)} virtual seconds, trace ${hash}`)
  if (first === undefined) say('verdict: the bug is not here; every invariant held after every event')
  else say(`verdict: VIOLATION ${first.rule} at ${first.at.toFixed(3)} ms: ${first.text}`)
  return first === undefined
}

function headOf({ name, title, source, story, broken }: Regression): string {
  return `${name}: ${title}\n${source}\n\n${wrap(story)}\n\n${wrap(`With the bug: ${broken}`)}\n`
}

/** The text in lines of 100 characters at most, if its words allow it. */
function wrap(text: string): string {
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!
    if (line === '') lines[lines.length - 1] = word
    else if (line.length + 1 + word.length > 100) lines.push(word)
    else lines[lines.length - 1] = `${line} ${word}`
  }
  return lines.join('\n')
}
