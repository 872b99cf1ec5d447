/** A queue in a ring that grows: adding and taking cost no allocation. */
export class RingQueue<T> {
  #slots: (T | undefined)[] = new Array<T | undefined>(64)
  #head = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Adds at the end. */
  push(item: T): void {
    if (this.#length === this.#slots.length) this.#grow()
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = item
    this.#length += 1
  }

  /** Takes the first; undefined when empty. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined
    const item = this.#slots[this.#head]
    this.#slots[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#slots.length - 1)
    this.#length -= 1
    return item
  }

  /** The item so many places behind the first. */
  at(offset: number): T | undefined {
    if (offset < 0 || offset >= this.#length) return undefined
    return this.#slots[(this.#head + offset) & (this.#slots.length - 1)]
  }

  #grow(): void {
    const slots = new Array<T | undefined>(this.#slots.length * 2)
    for (let offset = 0; offset < this.#length; offset++) slots[offset] = this.at(offset)
    this.#slots = slots
    this.#head = 0
  }
}
