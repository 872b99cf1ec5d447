import { DecodeError } from '../../types/errors.ts'
import type { RPCName, RPCRequests, RPCResponses } from '../../types/messages.ts'
import { EntriesWriter } from './entries-writer.ts'
import { decoded, type Reader } from './reader.ts'
import { readRequest, readResponse } from './read-messages.ts'
import { writeRequest, writeResponse } from './write-messages.ts'
import { encoded, type Writer } from './writer.ts'

/** The requests in the order of the byte that stands for each on the wire: 0 to 4 (spec §1.2). */
export const rpcNames: readonly RPCName[] = [
  'appendEntries',
  'requestVote',
  'installSnapshot',
  'timeoutNow',
  'requestPreVote',
]

const rpcBytes: { readonly [K in RPCName]: number } = {
  appendEntries: 0,
  requestVote: 1,
  installSnapshot: 2,
  timeoutNow: 3,
  requestPreVote: 4,
}

/** A request with the name of its kind. */
export type NamedRequest = { [K in RPCName]: { readonly type: K; readonly request: RPCRequests[K] } }[RPCName]

/** An answer as it travels: an error text, empty if there is none, and a body. */
export interface DecodedResponse<K extends RPCName> {
  readonly error: string
  /** Absent for nil, which goes with an error. */
  readonly response: RPCResponses[K] | undefined
}

/** How a message is written. */
export interface EncodeOptions {
  /** Times as MessagePack timestamps, without their zone (`MsgpackUseNewTimeFormat`). Default false. */
  readonly newTimeFormat?: boolean | undefined
}

/** Writes the type byte and the body. */
export function writeRequestFrame<K extends RPCName>(
  writer: Writer,
  type: K,
  request: RPCRequests[K],
  entriesWriter: EntriesWriter,
): void {
  writer.byte(rpcBytes[type])
  writeRequest[type](writer, request, entriesWriter)
}

/** Writes the error text and the body. */
export function writeResponseFrame<K extends RPCName>(
  writer: Writer,
  type: K,
  response: RPCResponses[K] | undefined,
  error: string,
): void {
  writer.string(error)
  if (response === undefined) writer.nil()
  else writeResponse[type](writer, response)
}

/** Reads the error text and the body. Nil as the body of a success is a response of zeros, as in Go. */
export function readResponseFrame<K extends RPCName>(reader: Reader, type: K): DecodedResponse<K> {
  const error = reader.message()
  if (error !== '' && reader.peek() === 0xc0) {
    reader.byte()
    return { error, response: undefined }
  }
  return { error, response: readResponse[type](reader) }
}

/** A request as it travels: its type byte and its body. An InstallSnapshot's data follows it and is no part of it. */
export function encodeRequest<K extends RPCName>(
  type: K,
  request: RPCRequests[K],
  options: EncodeOptions = {},
): Uint8Array {
  const entriesWriter = new EntriesWriter(options.newTimeFormat === true)
  return encoded((writer) => writeRequestFrame(writer, type, request, entriesWriter))
}

/** Reads what `encodeRequest` wrote, or Go. Entries are views of `bytes`. What follows the request is ignored. Throws `DecodeError`. */
export function decodeRequest(bytes: Uint8Array): NamedRequest {
  return decoded(bytes, (reader) => {
    const byte = reader.byte()
    const type = rpcNames[byte]
    if (type === undefined) throw new DecodeError(`unknown rpc type ${byte}`)
    return { type, request: readRequest[type](reader) } as NamedRequest
  })
}

/** An answer as it travels: the error's text, empty if there is none, and the body, nil if there is none. */
export function encodeResponse<K extends RPCName>(
  type: K,
  response: RPCResponses[K] | undefined,
  error = '',
): Uint8Array {
  return encoded((writer) => writeResponseFrame(writer, type, response, error))
}

/** Reads what `encodeResponse` wrote, or Go. `type` says which request it answers, since the bytes do not. Throws `DecodeError`. */
export function decodeResponse<K extends RPCName>(type: K, bytes: Uint8Array): DecodedResponse<K> {
  return decoded(bytes, (reader) => readResponseFrame(reader, type))
}
