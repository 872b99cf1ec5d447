// JSON as Go's encoding/json writes and reads it.

const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
const escaped = /[<>&\u2028\u2029]/g

/** A text as Go writes it: safe inside HTML, and with `\ufffd` in place of what is not text. */
export function quote(text: string): string {
  const parts = text.split(loneSurrogate).map((part) => JSON.stringify(part).slice(1, -1))
  return `"${parts.join('\\ufffd').replace(escaped, escapeCharacter)}"`
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** The first JSON value of a text; whatever follows it is ignored. Throws `SyntaxError`. */
export function parseFirst(text: string): unknown {
  return JSON.parse(text.slice(0, endOfFirst(text)))
}

/** Where an object or array that the text begins with ends; the text's own end for anything else. */
function endOfFirst(text: string): number {
  let depth = 0
  let isInText = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (isInText) {
      if (character === '\\') at++
      else if (character === '"') isInText = false
    } else if (character === '"') isInText = true
    else if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') {
      depth--
      if (depth === 0) return at + 1
    }
  }
  return text.length
}

/** An object's members by their names in lower case: Go does not tell upper from lower case, and the last one wins. */
export class Members {
  readonly #members = new Map<string, unknown>()
  readonly #where: string

  /** `undefined` and `null` stand for an object without members. Throws `TypeError` for anything else that is none. */
  constructor(value: unknown, where: string) {
    this.#where = where
    if (value === undefined || value === null) return
    if (typeof value !== 'object' || Array.isArray(value)) throw new TypeError(`${where} is not an object`)
    for (const [name, member] of Object.entries(value)) this.#members.set(name.toLowerCase(), member)
  }

  /** A member as it is, `undefined` if it is missing or null. */
  get(name: string): unknown {
    return this.#members.get(name.toLowerCase()) ?? undefined
  }

  /** A number from 0 to 2^53 − 1, 0 if missing. */
  number(name: string): number {
    const value = this.get(name) ?? 0
    if (typeof value !== 'number') throw new TypeError(`${this.#where}.${name} is not a number`)
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`${this.#where}.${name} is not an integer from 0 to 2^53 - 1`)
    }
    return value
  }

  /** A text, empty if missing. */
  text(name: string): string {
    const value = this.get(name) ?? ''
    if (typeof value !== 'string') throw new TypeError(`${this.#where}.${name} is not a text`)
    return value
  }

  /** Bytes that are written in base64, `undefined` if missing. */
  bytes(name: string): Uint8Array | undefined {
    const value = this.get(name)
    if (value === undefined) return undefined
    if (typeof value !== 'string') throw new TypeError(`${this.#where}.${name} is not a text`)
    const bytes = Buffer.from(value, 'base64')
    if (bytes.toString('base64') !== value.replace(/[\r\n]/g, '')) {
      throw new TypeError(`${this.#where}.${name} is not base64`)
    }
    return Uint8Array.from(bytes)
  }

  /** A list, `undefined` if missing. */
  list(name: string): readonly unknown[] | undefined {
    const value = this.get(name)
    if (value === undefined || Array.isArray(value)) return value
    throw new TypeError(`${this.#where}.${name} is not a list`)
  }
}
