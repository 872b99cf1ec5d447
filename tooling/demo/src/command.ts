// What the store's log holds: one MessagePack map per command. FORMAT.md is the contract; a Go peer writes the same bytes.
import { decode, encode } from '@msgpack/msgpack'

/** Sets a key. With `expect` only if the key was last set by the entry at that index; 0 means that there is no such key. */
export interface PutCommand {
  readonly op: 'put'
  readonly key: string
  readonly value: Uint8Array
  readonly expect?: number | undefined
}

/** Removes a key, on the same condition as a put. */
export interface DeleteCommand {
  readonly op: 'delete'
  readonly key: string
  readonly expect?: number | undefined
}

/** Reads a key through the log: it changes nothing, and its answer has a place in the order of all commands. */
export interface GetCommand {
  readonly op: 'get'
  readonly key: string
}

/** Makes known where a server answers HTTP, so that every other one can send a client there while it leads. */
export interface MemberCommand {
  readonly op: 'member'
  readonly id: string
  readonly http: string
}

/** Everything that can be in the log of the store. */
export type Command = PutCommand | DeleteCommand | GetCommand | MemberCommand

/** Bytes that are no command. The state machine answers with it: a bad command must not stop a node. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/** The bytes of a command. Keys are written in the order of FORMAT.md, whatever the order in the object is. */
export function encodeCommand(command: Command): Uint8Array {
  switch (command.op) {
    case 'put':
      return encode({ op: 'put', key: command.key, value: command.value, ...expectation(command.expect) })
    case 'delete':
      return encode({ op: 'delete', key: command.key, ...expectation(command.expect) })
    case 'get':
      return encode({ op: 'get', key: command.key })
    case 'member':
      return encode({ op: 'member', id: command.id, http: command.http })
  }
}

/** The command of some bytes. Throws `CommandError`. The value is a copy: the log's bytes are borrowed. */
export function decodeCommand(bytes: Uint8Array | undefined): Command {
  const fields = decodeFields(bytes)
  switch (fields.op) {
    case 'put': {
      if (!(fields.value instanceof Uint8Array)) throw new CommandError('value is not bytes')
      return { op: 'put', key: text(fields, 'key'), value: fields.value.slice(), ...decodeExpectation(fields) }
    }
    case 'delete':
      return { op: 'delete', key: text(fields, 'key'), ...decodeExpectation(fields) }
    case 'get':
      return { op: 'get', key: text(fields, 'key') }
    case 'member':
      return { op: 'member', id: text(fields, 'id'), http: text(fields, 'http') }
    default:
      throw new CommandError(`unknown op ${JSON.stringify(fields.op)}`)
  }
}

function decodeFields(bytes: Uint8Array | undefined): Record<string, unknown> {
  let value: unknown
  try {
    value = decode(bytes ?? new Uint8Array(0))
  } catch (error) {
    throw new CommandError('not a MessagePack value', { cause: error })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw new CommandError('not a map')
  }
  return value as Record<string, unknown>
}

function text(fields: Record<string, unknown>, name: string): string {
  const value = fields[name]
  if (typeof value !== 'string') throw new CommandError(`${name} is not a string`)
  return value
}

function expectation(expect: number | undefined): { expect?: number } {
  return expect === undefined ? {} : { expect }
}

function decodeExpectation(fields: Record<string, unknown>): { expect?: number } {
  const { expect } = fields
  if (expect === undefined) return {}
  if (!Number.isSafeInteger(expect) || Number(expect) < 0) throw new CommandError('expect is not an index')
  return { expect: Number(expect) }
}
