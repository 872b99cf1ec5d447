/** Work that is under way, so that whoever stops can wait for its end. */
export class OpenWork {
  readonly #open = new Set<Promise<void>>()

  /** Keeps a promise, which must not reject, until it settles. */
  track(work: Promise<void>): void {
    this.#open.add(work)
    void work.then(() => this.#open.delete(work))
  }

  /** Resolves once everything that was under way has ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#open)
  }
}
