/**
 * Values by log index, in a ring: neighbours in the log are neighbours in memory, and there is no hashing. Its size is a
 * power of two, so that a mask finds the place, also for indexes above 2^32.
 */
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
    return this.#slots[index & (this.#slots.length - 1)]
  }

  /** Puts a value at an index above all others; places between stay empty. */
  push(index: number, value: T): void {
    if (this.isEmpty) {
      this.#first = index
      this.#last = index - 1
    }
    if (index <= this.#last) throw new RangeError(`index ${index} comes after ${this.#last}`)
    while (index - this.#first >= this.#slots.length) this.#grow()
    this.#slots[index & (this.#slots.length - 1)] = value
    this.#last = index
  }

  /** Removes and returns the value at the index. */
  take(index: number): T | undefined {
    const value = this.get(index)
    if (value === undefined) return undefined
    const slots = this.#slots
    const mask = slots.length - 1
    slots[index & mask] = undefined
    // What was taken out of turn, and what never came, is passed over as soon as it is the first.
    while (this.#first <= this.#last && slots[this.#first & mask] === undefined) this.#first += 1
    return value
  }

  #grow(): void {
    const old = this.#slots
    const slots = new Array<T | undefined>(old.length * 2)
    for (let at = this.#first; at <= this.#last; at++) slots[at & (slots.length - 1)] = old[at & (old.length - 1)]
    this.#slots = slots
  }
}
