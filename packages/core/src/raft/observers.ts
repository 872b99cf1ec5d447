import type { FilterFn, Observation, ObservationData, ObservedNode } from './observation.ts'
import { Observer } from './observer.ts'

/** The observers of one node. */
export class Observers {
  readonly #node: ObservedNode
  readonly #hold: () => () => void
  readonly #registered = new Set<Observer>()
  /** Those that were made here, and end with the node. */
  readonly #own = new Set<Observer>()
  #closed = false

  /** `hold` makes the node wait until the function that it returns is called. */
  constructor(node: ObservedNode, hold: () => () => void) {
    this.#node = node
    this.#hold = hold
  }

  /** Adds an observer; a second time changes nothing. */
  register(observer: Observer): void {
    this.#registered.add(observer)
  }

  /** Removes an observer. What it has not read stays with it. */
  deregister(observer: Observer): void {
    this.#registered.delete(observer)
    observer.release()
  }

  /** An iterable of observations that lasts until it is left or the node is shut down. */
  observe(filter: FilterFn | undefined): AsyncIterableIterator<Observation> {
    const observer = new Observer({ filter })
    if (this.#closed) observer.close()
    else {
      this.#own.add(observer)
      this.register(observer)
    }
    const iterator = observer[Symbol.asyncIterator]()
    const end = (): Promise<IteratorResult<Observation, undefined>> => {
      this.#own.delete(observer)
      this.deregister(observer)
      observer.close()
      return Promise.resolve({ done: true, value: undefined })
    }
    const iterable: AsyncIterableIterator<Observation> = {
      next: () => iterator.next(),
      return: end,
      [Symbol.asyncIterator]: () => iterable,
    }
    return iterable
  }

  notify(data: ObservationData): void {
    if (this.#registered.size === 0) return
    const observation = { raft: this.#node, data }
    for (const observer of this.#registered) observer.observe(observation, this.#hold)
  }

  /** Ends what was made here, and lets go of the rest. */
  close(): void {
    this.#closed = true
    for (const observer of this.#own) observer.close()
    for (const observer of this.#registered) observer.release()
  }
}
