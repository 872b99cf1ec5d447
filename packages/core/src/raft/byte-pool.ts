const POOL_BYTES = 65_536

/** Larger ones get memory of their own: they would waste what is left of a pool. */
const POOLED_BYTES = 8_192

/** Copies bytes into shared blocks: much cheaper than an allocation for each small command. */
export class BytePool {
  #block = new Uint8Array(0)
  #used = 0

  /** A copy that nobody else writes to. */
  copy(bytes: Uint8Array): Uint8Array {
    const length = bytes.length
    if (length > POOLED_BYTES) return new Uint8Array(bytes)
    if (this.#used + length > this.#block.length) {
      this.#block = new Uint8Array(POOL_BYTES)
      this.#used = 0
    }
    const copy = new Uint8Array(this.#block.buffer, this.#used, length)
    copy.set(bytes)
    this.#used += length
    return copy
  }
}
