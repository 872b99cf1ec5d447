import { checkConfiguration } from '../consensus/membership.ts'
import type { Configuration, Server } from '../types/configuration.ts'
import { ConfigurationError } from '../types/errors.ts'

/**
 * Reads a configuration from JSON: an array of `{ "id", "address", "non_voter" }`. As in Go, keys may have any case,
 * `non_voter` is false when missing, and text after the array is ignored. Throws `SyntaxError` or `ConfigurationError`.
 */
export function parseConfigJSON(text: string): Configuration {
  return checked(
    arrayOf(text).map((value, at): Server => {
      if (typeof value !== 'object' || value === null) throw wrongType(`server ${at}`, 'an object', value)
      const server = value as Readonly<Record<string, unknown>>
      const id = field(server, { at, name: 'id', type: 'string', zero: '' })
      const address = field(server, { at, name: 'address', type: 'string', zero: '' })
      const nonVoter = field(server, { at, name: 'non_voter', type: 'boolean', zero: false })
      return { suffrage: nonVoter ? 'Nonvoter' : 'Voter', id, address }
    }),
  )
}

/** Reads voters from JSON: an array of addresses, which are the IDs too. Throws as `parseConfigJSON` does. */
export function parsePeersJSON(text: string): Configuration {
  return checked(
    arrayOf(text).map((address, at): Server => {
      if (typeof address !== 'string') throw wrongType(`peer ${at}`, 'a string', address)
      return { suffrage: 'Voter', id: address, address }
    }),
  )
}

interface Field<T extends string | boolean> {
  readonly at: number
  readonly name: string
  readonly type: 'string' | 'boolean'
  readonly zero: T
}

function field<T extends string | boolean>(server: Readonly<Record<string, unknown>>, wanted: Field<T>): T {
  const { at, name, type, zero } = wanted
  const key = name in server ? name : Object.keys(server).find((other) => other.toLowerCase() === name)
  const value = key === undefined ? undefined : server[key]
  if (value === undefined || value === null) return zero
  if (typeof value !== type) throw wrongType(`${name} of server ${at}`, `a ${type}`, value)
  return value as T
}

function wrongType(what: string, wanted: string, value: unknown): ConfigurationError {
  return new ConfigurationError(`${what} must be ${wanted}, got ${JSON.stringify(value)}`)
}

function checked(servers: readonly Server[]): Configuration {
  const configuration = { servers }
  checkConfiguration(configuration)
  return configuration
}

function arrayOf(text: string): readonly unknown[] {
  const value: unknown = JSON.parse(firstValue(text))
  if (value === null) return []
  if (!Array.isArray(value)) throw wrongType('the configuration', 'an array', value)
  return value
}

/** The text through the end of the first array; all of it if there is none that ends. */
function firstValue(text: string): string {
  const trimmed = text.trimStart()
  if (trimmed.startsWith('null')) return 'null'
  if (!trimmed.startsWith('[')) return text
  let depth = 0
  let quoted = false
  for (let at = 0; at < trimmed.length; at++) {
    const character = trimmed[at]
    if (quoted) {
      if (character === '\\') at += 1
      else if (character === '"') quoted = false
    } else if (character === '"') quoted = true
    else if (character === '[') depth += 1
    else if (character === ']') {
      depth -= 1
      if (depth === 0) return trimmed.slice(0, at + 1)
    }
  }
  return text
}
