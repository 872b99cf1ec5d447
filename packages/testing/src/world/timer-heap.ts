/** Something that is to happen at a time. Those of one time happen in the order in which they were planned. */
export interface Planned {
  readonly time: number
  readonly order: number
  /** Undefined once it was called off. */
  fn: (() => void) | undefined
}

/** What is planned, the next first: a binary heap. */
export class TimerHeap {
  #items: Planned[] = []

  get size(): number {
    return this.#items.length
  }

  /** Adds what is planned. */
  push(item: Planned): void {
    const items = this.#items
    let at = items.length
    items.push(item)
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if (!isBefore(item, items[parent]!)) break
      items[at] = items[parent]!
      at = parent
    }
    items[at] = item
  }

  /** The next that was not called off. */
  peek(): Planned | undefined {
    while (this.#items.length > 0 && this.#items[0]!.fn === undefined) this.#removeFirst()
    return this.#items[0]
  }

  /** Takes the next that was not called off. */
  pop(): Planned | undefined {
    const first = this.peek()
    if (first !== undefined) this.#removeFirst()
    return first
  }

  #removeFirst(): void {
    const items = this.#items
    const last = items.pop()!
    if (items.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      if (child + 1 < items.length && isBefore(items[child + 1]!, items[child]!)) child++
      if (!isBefore(items[child]!, last)) break
      items[at] = items[child]!
      at = child
    }
    items[at] = last
  }
}

function isBefore(one: Planned, other: Planned): boolean {
  return one.time < other.time || (one.time === other.time && one.order < other.order)
}
