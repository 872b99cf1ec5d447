/** Bytes that stand in nearly every message, such as a key with its header. */
export interface Literal {
  readonly bytes: Uint8Array
  /** The same by words of 4 bytes, big endian and signed; the last is filled up with zeros. A word costs what a byte does. */
  readonly words: readonly number[]
}

/** Prepares bytes that are often written. */
export function literal(bytes: Uint8Array): Literal {
  const words: number[] = []
  for (let at = 0; at < bytes.length; at += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4)
    words.push((a << 24) | (b << 16) | (c << 8) | d)
  }
  return { bytes, words }
}
