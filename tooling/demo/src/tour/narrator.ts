// How the tour talks: numbered steps, lines of facts, and how long each step took.

/** Where the text goes, and whether colour is welcome there. */
export interface Page {
  write(text: string): void
  readonly colour: boolean
}

/** Tells a story in steps. */
export class Narrator {
  readonly #page: Page
  #step = 0

  constructor(page: Page) {
    this.#page = page
  }

  /** A line on its own. */
  say(text = ''): void {
    this.#page.write(`${text}\n`)
  }

  /** A line that belongs to the step. */
  fact(text: string): void {
    this.say(`    ${text}`)
  }

  /** Runs one step: its title first, how long it took at the end. */
  async step<T>(title: string, work: () => Promise<T>): Promise<T> {
    this.#step++
    this.say(`\n${this.#paint(1, `${String(this.#step).padStart(2)}  ${title}`)}`)
    const started = performance.now()
    const result = await work()
    this.fact(this.#paint(2, `(${seconds(performance.now() - started)})`))
    return result
  }

  /** The last word if all went well. */
  good(text: string): void {
    this.say(`\n${this.#paint(32, text)}`)
  }

  /** The last word if it did not. */
  bad(text: string): void {
    this.say(`\n${this.#paint(31, text)}`)
  }

  #paint(code: number, text: string): string {
    return this.#page.colour ? `\u001B[${code}m${text}\u001B[0m` : text
  }
}

/** The page that standard output is. */
export function standardPage(): Page {
  const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined && process.env['TERM'] !== 'dumb'
  return { write: (text) => void process.stdout.write(text), colour }
}

/** 1,234,567. */
export function count(number: number): string {
  return Math.round(number).toLocaleString('en-US')
}

/** Milliseconds as people read them: `8.4 ms`, `312 ms`, `1,204 ms`. */
export function milliseconds(time: number): string {
  return time < 100 ? `${time.toFixed(1)} ms` : `${count(time)} ms`
}

/** Milliseconds as seconds: `1.2 s`. */
export function seconds(time: number): string {
  return `${(time / 1_000).toFixed(1)} s`
}

/** `1 node`, `3 nodes`. */
export function plural(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`
}

/** `n1`, `n1 and n2`, `n1, n2 and n3`. */
export function list(names: readonly string[]): string {
  if (names.length < 2) return names.join('')
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
