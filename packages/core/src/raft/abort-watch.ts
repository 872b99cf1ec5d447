/** Watches many calls' signals with one listener for each distinct signal: adding and removing listeners is costly. */
export class AbortWatch {
  readonly #watched = new Map<AbortSignal, Set<() => void>>()
  readonly #listeners = new Map<AbortSignal, () => void>()

  /** Calls `aborted` when the signal is. The returned function ends that. */
  watch(signal: AbortSignal, aborted: () => void): () => void {
    let calls = this.#watched.get(signal)
    if (calls === undefined) {
      calls = new Set()
      this.#watched.set(signal, calls)
      const listener = (): void => this.#abort(signal)
      this.#listeners.set(signal, listener)
      signal.addEventListener('abort', listener)
    }
    const waiting = calls
    waiting.add(aborted)
    return () => {
      if (waiting.delete(aborted) && waiting.size === 0) this.#forget(signal)
    }
  }

  #abort(signal: AbortSignal): void {
    const calls = this.#watched.get(signal)
    this.#forget(signal)
    for (const aborted of calls ?? []) aborted()
  }

  #forget(signal: AbortSignal): void {
    const listener = this.#listeners.get(signal)
    if (listener !== undefined) signal.removeEventListener('abort', listener)
    this.#listeners.delete(signal)
    this.#watched.delete(signal)
  }
}
