/** Values by log index, in a ring: neighbours in the log are neighbours in memory, and there is no hashing. */
export class IndexRing<T> {
  #slots: (T | undefined)[] = new Array<T | undefined>(64)
  #first = 0
  #last = -1

  /** The lowest index that may be held; above `last` when nothing is. */
  get first(): number {
    return this.#first
  }

  /** The highest index that may be held. */
  get last(): number {
    return this.#last
  }

  get isEmpty(): boolean {
    return this.#last < this.#first
  }

  get(index: number): T | undefined {
    if (index < this.#first || index > this.#last) return undefined
    return this.#slots[index % this.#slots.length]
  }

  /** Puts a value at an index above all others; places between stay empty. */
  push(index: number, value: T): void {
    if (this.isEmpty) {
      this.#first = index
      this.#last = index - 1
    }
    if (index <= this.#last) throw new RangeError(`index ${index} comes after ${this.#last}`)
    while (index - this.#first >= this.#slots.length) this.#grow()
    this.#slots[index % this.#slots.length] = value
    this.#last = index
  }

  /** Removes and returns the value at the index. */
  take(index: number): T | undefined {
    const value = this.get(index)
    if (value !== undefined) this.#slots[index % this.#slots.length] = undefined
    if (index === this.#first) this.#first += 1
    return value
  }

  /** Drops everything below the index. */
  dropBefore(index: number): void {
    const through = Math.min(index - 1, this.#last)
    for (let at = this.#first; at <= through; at++) this.#slots[at % this.#slots.length] = undefined
    if (index > this.#first) this.#first = Math.min(index, this.#last + 1)
  }

  /** Drops everything from the index on. */
  dropFrom(index: number): void {
    for (let at = Math.max(index, this.#first); at <= this.#last; at++) this.#slots[at % this.#slots.length] = undefined
    if (index <= this.#last) this.#last = Math.max(index, this.#first) - 1
  }

  #grow(): void {
    const slots = new Array<T | undefined>(this.#slots.length * 2)
    for (let at = this.#first; at <= this.#last; at++) slots[at % slots.length] = this.#slots[at % this.#slots.length]
    this.#slots = slots
  }
}
