/** Larger buffers are left to the garbage collector. */
const KEPT_BYTES = 1_048_576
const SMALLEST_BYTES = 16_384

/**
 * One buffer to write from, used again when it comes back: a fresh one costs more than what is written to it, because
 * it is cleared first.
 */
export class BufferPool {
  #spare: ArrayBuffer | undefined

  /** A buffer of at least `bytes`. What is in it is not defined. */
  readonly take = (bytes: number): ArrayBuffer => {
    const spare = this.#spare
    if (spare !== undefined && spare.byteLength >= bytes) {
      this.#spare = undefined
      return spare
    }
    // With some room, so that batches that vary a little can share it.
    return new ArrayBuffer(bytes > KEPT_BYTES ? bytes : Math.max(SMALLEST_BYTES, Math.ceil(bytes * 1.25)))
  }

  /** Takes a buffer back. */
  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength > KEPT_BYTES * 1.25) return
    if (this.#spare === undefined || this.#spare.byteLength < buffer.byteLength) this.#spare = buffer
  }
}
