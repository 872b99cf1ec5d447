/** Bytes that stand in nearly every message, such as a key with its header. */
export interface Literal {
  readonly bytes: Uint8Array
  /** The same by words of 4 bytes, big endian and signed; the last is filled up with zeros. A word costs what a byte does. */
  readonly words: readonly number[]
  /** Those that end before the bytes do. */
  readonly wordsWithin: readonly number[]
  /** The four bytes at the end, which may overlap the word before, and where they begin. */
  readonly lastWord: number
  readonly lastWordAt: number
}

/** Prepares bytes that are often written, or looked for. */
export function literal(bytes: Uint8Array): Literal {
  const words: number[] = []
  for (let at = 0; at < bytes.length; at += 4) words.push(wordAt(bytes, at))
  const lastWordAt = Math.max(0, bytes.length - 4)
  return { bytes, words, wordsWithin: words.slice(0, -1), lastWord: wordAt(bytes, lastWordAt), lastWordAt }
}

function wordAt(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4)
  return (a << 24) | (b << 16) | (c << 8) | d
}

/** Whether the bytes, which must be four or more, stand at a place that is not too near to the end for them. */
export function standsAt(view: DataView, at: number, { wordsWithin, lastWord, lastWordAt }: Literal): boolean {
  for (let i = 0; i < wordsWithin.length; i++) if (view.getInt32(at + 4 * i) !== wordsWithin[i]) return false
  return view.getInt32(at + lastWordAt) === lastWord
}
