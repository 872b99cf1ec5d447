/**
 * Stands for everything that happened in a run, in order, as one number: two runs are the same if their hashes are. With
 * a listener, it also tells the story.
 */
export class Trace {
  readonly #tell: ((line: string) => void) | undefined
  #high = 0x9e3779b9
  #low = 0x85ebca6b
  #events = 0

  /** @param tell Gets a line for each event; without it lines are not even made. */
  constructor(tell?: (line: string) => void) {
    this.#tell = tell
  }

  /** How many events there were. */
  get events(): number {
    return this.#events
  }

  /** 64 bits as 16 hexadecimal digits. */
  get hash(): string {
    const digits = (half: number): string => (half >>> 0).toString(16).padStart(8, '0')
    return digits(this.#high) + digits(this.#low)
  }

  /** Notes an event by numbers that tell it from others, and how to say it in words. */
  note(time: number, numbers: readonly number[], words: () => string): void {
    this.#events += 1
    this.#mix(time)
    for (const number of numbers) this.#mix(number)
    this.#tell?.(`${time.toFixed(3).padStart(12)}  ${words()}`)
  }

  #mix(value: number): void {
    // All the digits of a time count, so that two runs that differ by a rounding are told apart.
    const scaled = value * 1_048_576
    this.#low = Math.imul(this.#low ^ scaled, 0xcc9e2d51)
    this.#low ^= this.#low >>> 15
    this.#high = Math.imul(this.#high ^ this.#low ^ (scaled / 4_294_967_296), 0x1b873593)
    this.#high ^= this.#high >>> 13
  }
}
