// The bytes of a snapshot: MessagePack values one after another. FORMAT.md is the contract; a Go peer reads and writes them.
import { decodeMultiStream, encode } from '@msgpack/msgpack'
import { type Entry, KeyValueState, type KeyValueView } from './key-value-state.ts'

const format = 'raft-demo-kv'
const version = 1
const chunkBytes = 64 * 1024

/** Writes a state in chunks of a moderate size. `view` must not change meanwhile. */
export function* encodeSnapshot(view: KeyValueView): Generator<Uint8Array> {
  const chunk = new Chunk()
  const { applied, digest, members, entries } = view
  chunk.add(encode({ format, version, applied, digest, members: members.size, entries: entries.size }))
  for (const member of [...members].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
    chunk.add(encode(member))
  }
  for (const [key, entry] of entries) {
    chunk.add(encode([key, entry.value, entry.index, entry.version]))
    if (chunk.size >= chunkBytes) yield chunk.take()
  }
  yield chunk.take()
}

/** Reads what `encodeSnapshot` wrote. Throws, and makes no state, if anything is missing, left over or out of order. */
export async function decodeSnapshot(source: AsyncIterable<Uint8Array>): Promise<KeyValueState> {
  let header: Header | undefined
  const members = new Map<string, string>()
  const entries = new Map<string, Entry>()
  let last = 0
  for await (const value of decodeMultiStream(source)) {
    if (header === undefined) header = readHeader(value)
    else if (members.size < header.members) members.set(...readMember(value))
    else if (entries.size < header.entries) {
      const [key, entry] = readEntry(value)
      if (entry.index <= last || entries.has(key)) throw new Error(`snapshot: ${key} is out of order`)
      last = entry.index
      entries.set(key, entry)
    } else throw new Error('snapshot: more values than its header says')
  }
  if (header === undefined) throw new Error('snapshot: empty')
  if (members.size < header.members || entries.size < header.entries) throw new Error('snapshot: cut short')
  return new KeyValueState({ applied: header.applied, digest: header.digest, members, entries })
}

interface Header {
  readonly applied: number
  readonly digest: Uint8Array
  readonly members: number
  readonly entries: number
}

function readHeader(value: unknown): Header {
  const header = value as Partial<Record<string, unknown>> | null
  if (header?.format !== format) throw new Error(`snapshot: not one of ${format}`)
  if (header.version !== version)
    throw new Error(`snapshot: version ${String(header.version)}, and only ${version} is known`)
  const { applied, digest, members, entries } = header
  if (!isCount(applied) || !isCount(members) || !isCount(entries)) throw new Error('snapshot: a count is no number')
  if (!(digest instanceof Uint8Array) || digest.length !== 32) throw new Error('snapshot: the digest is not 32 bytes')
  return { applied, digest: digest.slice(), members, entries }
}

function readMember(value: unknown): [string, string] {
  if (!Array.isArray(value)) throw new Error('snapshot: a member is no array')
  const [id, http] = value as unknown[]
  if (typeof id !== 'string' || typeof http !== 'string') throw new Error('snapshot: a member is not two strings')
  return [id, http]
}

function readEntry(value: unknown): [string, Entry] {
  if (!Array.isArray(value)) throw new Error('snapshot: an entry is no array')
  const [key, bytes, index, times] = value as unknown[]
  if (typeof key !== 'string' || !(bytes instanceof Uint8Array) || !isCount(index) || !isCount(times)) {
    throw new Error('snapshot: an entry is not key, value, index and version')
  }
  // A copy, so that one small value does not keep the whole chunk that it came in.
  return [key, { value: bytes.slice(), index, version: times }]
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

class Chunk {
  size = 0
  #pieces: Uint8Array[] = []

  add(piece: Uint8Array): void {
    this.#pieces.push(piece)
    this.size += piece.length
  }

  take(): Uint8Array {
    const whole = Buffer.concat(this.#pieces)
    this.#pieces = []
    this.size = 0
    return whole
  }
}
