import type { VoteState } from '../consensus/vote-state.ts'
import { CorruptError } from '../types/errors.ts'

/** The key of the stable store that holds term and vote. */
export const VOTE_KEY = 'VoteState'

const VERSION = 1
const HEAD_BYTES = 12
const MARK_BYTES = 16

/** What the second byte says is there. */
const HAS_CANDIDATE = 1
const HAS_MARK = 2

/**
 * Writes term and vote as one value: version 1 (a byte), what is there (a byte), the bytes of the ID (u16), the term (u64),
 * the index and the term of a restore that is not committed (two u64, if there is one), then ID and address in UTF-8.
 * Numbers have their highest byte first. Stores checksum what they hold.
 */
export function encodeVote({ term, candidate, provisional }: VoteState): Uint8Array {
  const encoder = new TextEncoder()
  const id = encoder.encode(candidate?.id ?? '')
  const address = encoder.encode(candidate?.address ?? '')
  const idAt = HEAD_BYTES + (provisional === undefined ? 0 : MARK_BYTES)
  const bytes = new Uint8Array(idAt + id.length + address.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, VERSION)
  view.setUint8(1, (candidate === undefined ? 0 : HAS_CANDIDATE) | (provisional === undefined ? 0 : HAS_MARK))
  view.setUint16(2, id.length)
  putUint64(view, 4, term)
  if (provisional !== undefined) {
    putUint64(view, HEAD_BYTES, provisional.index)
    putUint64(view, HEAD_BYTES + 8, provisional.term)
  }
  bytes.set(id, idAt)
  bytes.set(address, idAt + id.length)
  return bytes
}

/** Reads what `encodeVote` wrote; nothing at all is term 0. Throws `CorruptError` for anything else. */
export function decodeVote(bytes: Uint8Array | undefined): VoteState {
  if (bytes === undefined || bytes.length === 0) return { term: 0 }
  if (bytes.length < HEAD_BYTES) throw corrupt(`it has ${bytes.length} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const version = view.getUint8(0)
  if (version !== VERSION) throw corrupt(`its version is ${version}, and this release reads ${VERSION}`)
  const present = view.getUint8(1)
  const idAt = HEAD_BYTES + ((present & HAS_MARK) === 0 ? 0 : MARK_BYTES)
  const addressAt = idAt + view.getUint16(2)
  if (present > (HAS_CANDIDATE | HAS_MARK) || addressAt > bytes.length) throw corrupt('its fields make no sense')
  const term = takeUint64(view, 4)
  const decoder = new TextDecoder()
  const [id, address] = [bytes.subarray(idAt, addressAt), bytes.subarray(addressAt)]
  const candidate =
    (present & HAS_CANDIDATE) === 0 ? undefined : { id: decoder.decode(id), address: decoder.decode(address) }
  if ((present & HAS_MARK) === 0) return candidate === undefined ? { term } : { term, candidate }
  const provisional = { index: takeUint64(view, HEAD_BYTES), term: takeUint64(view, HEAD_BYTES + 8) }
  return { term, candidate, provisional }
}

function putUint64(view: DataView, at: number, value: number): void {
  view.setUint32(at, Math.floor(value / 0x1_0000_0000))
  view.setUint32(at + 4, value >>> 0)
}

function takeUint64(view: DataView, at: number): number {
  const value = view.getUint32(at) * 0x1_0000_0000 + view.getUint32(at + 4)
  if (!Number.isSafeInteger(value)) throw corrupt('its fields make no sense')
  return value
}

function corrupt(reason: string): CorruptError {
  return new CorruptError(
    `${VOTE_KEY} in the stable store is damaged: ${reason}. A server that forgot its vote may vote twice: ` +
      'bring back the store, or empty this server and add it again under a new ID',
  )
}
