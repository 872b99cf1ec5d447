import type { FilterFn, Observation } from './observation.ts'
import { RingQueue } from './ring-queue.ts'

/** How an observer is made. */
export interface ObserverOptions {
  /** Lets through what it returns `true` for; without it, everything. What is filtered counts nowhere. */
  readonly filter?: FilterFn | undefined
  /** Makes the nodes wait while `capacity` observations are unread, where others would drop. It can stall them. Default false. */
  readonly blocking?: boolean | undefined
  /** Observations that may wait to be read. Default 256; at least 1. */
  readonly capacity?: number | undefined
}

const DEFAULT_CAPACITY = 256

/**
 * Watches one or more nodes: register it with `Raft.registerObserver` and iterate it. Observations that come while nobody
 * reads wait, up to `capacity`; beyond that they are dropped, or the nodes wait if it is `blocking`. The iteration ends
 * once `close` was called and everything before it is read.
 */
export class Observer implements AsyncIterable<Observation> {
  readonly #filter: FilterFn | undefined
  readonly #blocking: boolean
  readonly #capacity: number
  readonly #unread = new RingQueue<Observation>()
  readonly #readers = new RingQueue<(result: IteratorResult<Observation, undefined>) => void>()
  #releases: (() => void)[] = []
  #observed = 0
  #dropped = 0
  #closed = false

  /** Throws a `RangeError` for a capacity below 1. */
  constructor(options: ObserverOptions = {}) {
    const capacity = options.capacity ?? DEFAULT_CAPACITY
    if (!(capacity >= 1)) throw new RangeError(`capacity must be at least 1, got ${capacity}`)
    this.#filter = options.filter
    this.#blocking = options.blocking ?? false
    this.#capacity = capacity
  }

  /** Observations handed to the reader, or waiting for it. */
  get numObserved(): number {
    return this.#observed
  }

  /** Observations that were dropped because too many were unread. */
  get numDropped(): number {
    return this.#dropped
  }

  /**
   * Hands an observation over. A blocking observer that is full takes a `hold` of the node, and gives it back once it was
   * read.
   *
   * @internal Called by the node.
   */
  observe(observation: Observation, hold: () => () => void): void {
    if (this.#closed || !this.#wants(observation)) return
    const reader = this.#readers.shift()
    if (reader !== undefined) {
      this.#observed += 1
      return reader({ done: false, value: observation })
    }
    if (this.#unread.length >= this.#capacity && !this.#blocking) {
      this.#dropped += 1
      return
    }
    this.#observed += 1
    this.#unread.push(observation)
    if (this.#blocking && this.#unread.length >= this.#capacity) this.#releases.push(hold())
  }

  /** Ends the iteration after what is unread, and lets nodes that wait go on. What comes later is ignored. */
  close(): void {
    this.#closed = true
    for (let reader = this.#readers.shift(); reader; reader = this.#readers.shift())
      reader({ done: true, value: undefined })
    this.release()
  }

  /**
   * Lets the nodes that wait for room go on.
   *
   * @internal Called by the node, when it is no longer observed.
   */
  release(): void {
    const releases = this.#releases
    this.#releases = []
    for (const release of releases) release()
  }

  /** Reads the observations. Several iterations share them. Leaving a `for await` early does not close the observer. */
  [Symbol.asyncIterator](): AsyncIterator<Observation, undefined> {
    return { next: () => this.#next(), return: () => Promise.resolve({ done: true, value: undefined }) }
  }

  #next(): Promise<IteratorResult<Observation, undefined>> {
    const observation = this.#unread.shift()
    if (observation !== undefined) {
      if (this.#releases.length > 0) this.release()
      return Promise.resolve({ done: false, value: observation })
    }
    if (this.#closed) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve) => this.#readers.push(resolve))
  }

  #wants(observation: Observation): boolean {
    if (this.#filter === undefined) return true
    try {
      return this.#filter(observation)
    } catch {
      return false
    }
  }
}
