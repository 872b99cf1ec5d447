import type { Log } from '@raft/core'

/** 53 bits that stand for what an entry carries: its type, its data and its extensions. */
export function contentHash(log: Pick<Log, 'type' | 'data' | 'extensions'>): number {
  return bytesHash(log.data, bytesHash(log.extensions, log.type + 1))
}

/** 53 bits that stand for bytes, and for what came before them. */
export function bytesHash(bytes: Uint8Array | undefined, before = 0): number {
  let high = 0x811c9dc5 ^ Math.floor(before / 4_294_967_296)
  let low = 0x9e3779b9 ^ (before % 4_294_967_296)
  if (bytes === undefined) low ^= 0x55555555
  else {
    for (let at = 0; at < bytes.length; at++) {
      high = Math.imul(high ^ bytes[at]!, 0x01000193)
      low = Math.imul(low ^ bytes[at]!, 0x85ebca6b)
    }
  }
  return pack(high, low)
}

/** 53 bits that stand for several numbers in their order. */
export function numbersHash(...numbers: readonly number[]): number {
  let high = 0x811c9dc5
  let low = 0x9e3779b9
  for (const number of numbers) {
    high = Math.imul(high ^ (number % 4_294_967_296), 0x01000193)
    low = Math.imul(low ^ Math.floor(number / 4_294_967_296) ^ high, 0x85ebca6b)
  }
  return pack(high, low)
}

/** 53 bits that stand for all that a message says: its numbers, bytes and entries. */
export function messageHash(message: object): number {
  let hash = 1
  for (const value of Object.values(message)) {
    if (typeof value === 'number' || typeof value === 'boolean') hash = numbersHash(hash, Number(value))
    else if (value instanceof Uint8Array) hash = bytesHash(value, hash)
    else if (Array.isArray(value)) {
      for (const log of value as readonly Log[]) hash = numbersHash(hash, log.index, log.term, contentHash(log))
    }
  }
  return hash
}

function pack(high: number, low: number): number {
  const mixed = Math.imul(high ^ (high >>> 15), 0x2c1b3c6d)
  const other = Math.imul(low ^ (low >>> 13), 0x297a2d39) ^ mixed
  return (mixed >>> 0) * 2_097_152 + (other >>> 11)
}
