import type { VoteState } from '../consensus/vote-state.ts'
import { CorruptError } from '../types/errors.ts'

/** The key of the stable store that holds term and vote. */
export const VOTE_KEY = 'VoteState'

const VERSION = 1
const HEAD_BYTES = 12

/**
 * Writes term and vote as one value: version 1 (a byte), whether there is a vote (a byte), the bytes of the ID (u16), the
 * term (u64), then ID and address in UTF-8. Numbers have their highest byte first. Stores checksum what they hold.
 */
export function encodeVote({ term, candidate }: VoteState): Uint8Array {
  const encoder = new TextEncoder()
  const id = encoder.encode(candidate?.id ?? '')
  const address = encoder.encode(candidate?.address ?? '')
  const bytes = new Uint8Array(HEAD_BYTES + id.length + address.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, VERSION)
  view.setUint8(1, candidate === undefined ? 0 : 1)
  view.setUint16(2, id.length)
  view.setUint32(4, Math.floor(term / 0x1_0000_0000))
  view.setUint32(8, term >>> 0)
  bytes.set(id, HEAD_BYTES)
  bytes.set(address, HEAD_BYTES + id.length)
  return bytes
}

/** Reads what `encodeVote` wrote; nothing at all is term 0. Throws `CorruptError` for anything else. */
export function decodeVote(bytes: Uint8Array | undefined): VoteState {
  if (bytes === undefined || bytes.length === 0) return { term: 0 }
  if (bytes.length < HEAD_BYTES) throw corrupt(`it has ${bytes.length} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const version = view.getUint8(0)
  if (version !== VERSION) throw corrupt(`its version is ${version}, and this release reads ${VERSION}`)
  const term = view.getUint32(4) * 0x1_0000_0000 + view.getUint32(8)
  const addressAt = HEAD_BYTES + view.getUint16(2)
  if (!Number.isSafeInteger(term) || addressAt > bytes.length) throw corrupt('its fields make no sense')
  if (view.getUint8(1) === 0) return { term }
  const decoder = new TextDecoder()
  const id = decoder.decode(bytes.subarray(HEAD_BYTES, addressAt))
  return { term, candidate: { id, address: decoder.decode(bytes.subarray(addressAt)) } }
}

function corrupt(reason: string): CorruptError {
  return new CorruptError(
    `${VOTE_KEY} in the stable store is damaged: ${reason}. A server that forgot its vote may vote twice: ` +
      'bring back the store, or empty this server and add it again under a new ID',
  )
}
