import type { Random } from '@raft/core'

/**
 * A seeded source of chance: the same seed gives the same draws on every machine. It is `sfc32`, 128 bits of state,
 * seeded by an integer of up to 53 bits and a label.
 */
export class SeededRandom {
  readonly #seed: number
  readonly #label: string
  #a: number
  #b: number
  #c: number
  #counter = 1
  /** The next draw from [0, 1), as a function to hand out. */
  readonly next: Random = () => this.#draw() / 4_294_967_296

  /** @param label Separates streams of the same seed, so that one drawing more does not change another. */
  constructor(seed: number, label = '') {
    this.#seed = seed
    this.#label = label
    this.#a = seed >>> 0
    this.#b = Math.floor(seed / 4_294_967_296) >>> 0
    this.#c = hashText(label)
    // The first draws still show the seed's pattern.
    for (let round = 0; round < 15; round++) this.#draw()
  }

  /** A stream of its own, which depends on the seed and the labels alone and not on what was drawn before. */
  fork(label: string): SeededRandom {
    return new SeededRandom(this.#seed, `${this.#label}/${label}`)
  }

  /** True with the given probability. Draws even if it is 0, so that the rest stays the same when it is changed. */
  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** A number from `low` up to but without `high`. */
  between(low: number, high: number): number {
    return low + this.next() * (high - low)
  }

  /** An integer from `low` through `high`. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  /** One of the items, which must not be empty. */
  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)]!
  }

  /** A number with the given mean and a long tail, as waiting times have. */
  exponential(mean: number): number {
    return -Math.log(1 - this.next()) * mean
  }

  /** The items in an order by chance. */
  shuffle<T>(items: readonly T[]): T[] {
    const result = [...items]
    for (let last = result.length - 1; last > 0; last--) {
      const other = this.integer(0, last)
      ;[result[last], result[other]] = [result[other]!, result[last]!]
    }
    return result
  }

  #draw(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }
}

/** 32 bits that stand for a text (FNV-1a). */
function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash
}
