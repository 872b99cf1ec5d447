/** Bytes that come in from elsewhere, until somebody gives up waiting for those that may never come. Read once. */
export class IncomingBytes implements AsyncIterable<Uint8Array> {
  readonly #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>
  #abandoned: Error | undefined
  /** Ends the waiting for the next chunk. */
  #fail: ((error: Error) => void) | undefined

  constructor(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    this.#chunks = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
  }

  /** Whoever reads fails with this error: now if a chunk is waited for, or else at the next one. */
  abandon(error: Error): void {
    this.#abandoned ??= error
    this.#fail?.(this.#abandoned)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (let next = await this.#next(); next.done !== true; next = await this.#next()) yield next.value
    } finally {
      // Not waited for: a source that still waits for its next chunk ends only after that.
      this.#end().catch(() => {})
    }
  }

  async #end(): Promise<void> {
    await this.#chunks.return?.()
  }

  #next(): Promise<IteratorResult<Uint8Array>> {
    return new Promise((resolve, reject) => {
      if (this.#abandoned !== undefined) throw this.#abandoned
      this.#fail = reject
      const next = this.#chunks.next()
      Promise.resolve(next).then(resolve, reject)
    })
  }
}
