import { ConnectionError } from '../types/errors.ts'
import type { Peer } from '../types/identity.ts'
import type { RPCHeader } from '../types/messages.ts'

/** From this protocol version on a server has an ID that is not its address (spec §5.8). */
const OWN_IDS = 3

const decoder = new TextDecoder()

/**
 * The failure of a call that another server answered than the one that was asked: a new one at its address, which has
 * neither its log nor its vote. Undefined if it is the one, or if that cannot be told.
 */
export function strangerIn(header: RPCHeader | undefined, asked: Peer): ConnectionError | undefined {
  // Some answers carry no name, and so do all of old versions.
  if (header?.id === undefined || header.id.length === 0) return undefined
  // A member under its address, from before it had an ID of its own.
  if (header.protocolVersion < OWN_IDS || asked.id === asked.address) return undefined
  if (spells(header.id, asked.id)) return undefined
  return new ConnectionError(`${decoder.decode(header.id)} answers at ${asked.address}, and not ${asked.id}`)
}

/** Whether the bytes are the text; nearly all IDs are ASCII and need no decoder. */
function spells(bytes: Uint8Array, text: string): boolean {
  if (bytes.length === text.length) {
    let at = 0
    while (at < bytes.length && bytes[at] === text.charCodeAt(at)) at++
    if (at === bytes.length) return true
  }
  return decoder.decode(bytes) === text
}
