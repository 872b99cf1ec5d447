import type { Logger } from '../interfaces/observability.ts'
import { isThenable, messageOf } from './settle.ts'

/** Tells the application when this node begins and stops to lead. */
export class Leadership {
  readonly #notify: ((leader: boolean) => void | PromiseLike<void>) | undefined
  readonly #logger: Logger
  /** Changes that `notify` has not been told: it is still busy with an earlier one. */
  #untold: boolean[] = []
  #telling = false
  readonly #readers = new Set<NewestValue>()
  #newest: boolean | undefined
  #closed = false

  constructor(notify: ((leader: boolean) => void | PromiseLike<void>) | undefined, logger: Logger) {
    this.#notify = notify
    this.#logger = logger
  }

  changed(leader: boolean): void {
    this.#newest = leader
    for (const reader of this.#readers) reader.put(leader)
    if (this.#notify === undefined) return
    this.#untold.push(leader)
    this.#tell()
  }

  /**
   * Changes as they come, beginning with the last one if there was any; one that is unread when the next comes is
   * replaced by it. Ends with the node.
   */
  changes(): AsyncIterableIterator<boolean> {
    const reader = new NewestValue(() => this.#readers.delete(reader))
    if (this.#newest !== undefined) reader.put(this.#newest)
    if (this.#closed) reader.close()
    else this.#readers.add(reader)
    return reader
  }

  close(): void {
    this.#closed = true
    for (const reader of this.#readers) reader.close()
  }

  #tell(): void {
    while (!this.#telling && this.#untold.length > 0) {
      const leader = this.#untold.shift()!
      try {
        const told = this.#notify!(leader)
        if (!isThenable(told)) continue
        this.#telling = true
        void told.then(
          () => this.#told(undefined),
          (error: unknown) => this.#told(error),
        )
      } catch (error) {
        this.#complain(error)
      }
    }
  }

  #told(error: unknown): void {
    this.#telling = false
    if (error !== undefined) this.#complain(error)
    this.#tell()
  }

  #complain(error: unknown): void {
    this.#logger.error({ error: messageOf(error) }, 'config.notify failed')
  }
}

/** An iterable of capacity 1 in which a new value replaces an unread one. */
class NewestValue implements AsyncIterableIterator<boolean> {
  #value: boolean | undefined
  #waiting: ((result: IteratorResult<boolean, undefined>) => void)[] = []
  #closed = false
  readonly #left: () => void

  constructor(left: () => void) {
    this.#left = left
  }

  put(value: boolean): void {
    const waiting = this.#waiting.shift()
    if (waiting === undefined) this.#value = value
    else waiting({ done: false, value })
  }

  close(): void {
    this.#closed = true
    for (const waiting of this.#waiting.splice(0)) waiting({ done: true, value: undefined })
  }

  next(): Promise<IteratorResult<boolean, undefined>> {
    const value = this.#value
    this.#value = undefined
    if (value !== undefined) return Promise.resolve({ done: false, value })
    if (this.#closed) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  return(): Promise<IteratorResult<boolean, undefined>> {
    this.close()
    this.#value = undefined
    this.#left()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<boolean> {
    return this
  }
}
