import { setBytes } from './set-bytes.ts'

/**
 * A view of a block keeps all of it in memory. Of this size and more, common allocators ask the system for memory that is
 * zero already, a page at a time as it is used, instead of clearing it.
 */
export const POOL_BYTES = 131_072

/** Larger ones get memory of their own: they would waste what is left of a pool. */
export const POOLED_BYTES = 8_192

/** Copies bytes into shared blocks: much cheaper than an allocation for each small command. */
export class BytePool {
  /** Kept as it is, because a view takes longer to say what it is a view of than to be made. */
  #block = new ArrayBuffer(0)
  #room = 0
  #used = 0

  /** A copy that nobody else writes to. */
  copy(bytes: Uint8Array): Uint8Array {
    const length = bytes.length
    if (length > POOLED_BYTES) return new Uint8Array(bytes)
    if (this.#used + length > this.#room) {
      this.#block = new ArrayBuffer(POOL_BYTES)
      this.#room = POOL_BYTES
      this.#used = 0
    }
    const copy = new Uint8Array(this.#block, this.#used, length)
    setBytes(copy, bytes, 0)
    this.#used += length
    return copy
  }
}
