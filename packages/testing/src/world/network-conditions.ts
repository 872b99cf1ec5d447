import type { ServerAddress } from '@raft/core'
import type { SeededRandom } from './random.ts'

/** How messages fare. */
export interface NetworkConditions {
  /** Milliseconds that every message takes at least. */
  readonly minimumDelay: number
  /** Milliseconds that a message takes beyond that, on average; the tail is long, so messages overtake each other. */
  readonly meanDelay: number
  /** The share of messages that are lost, each way. */
  readonly loss: number
  /** The share of requests that arrive twice. */
  readonly duplication: number
}

/** A network in which nothing goes wrong. */
export const calmNetwork: NetworkConditions = { minimumDelay: 0.2, meanDelay: 0.3, loss: 0, duplication: 0 }

/** What is in the way between two servers, one direction at a time. */
export class Links {
  #conditions: NetworkConditions
  readonly #random: SeededRandom
  readonly #cut = new Set<string>()
  /** Until when a link holds back what is sent over it. */
  readonly #clogged = new Map<string, number>()

  constructor(conditions: NetworkConditions, random: SeededRandom) {
    this.#conditions = alike(conditions)
    this.#random = random
  }

  get conditions(): NetworkConditions {
    return this.#conditions
  }

  set conditions(conditions: NetworkConditions) {
    this.#conditions = alike(conditions)
  }

  /** Loses what is sent from one to the other. */
  cut(from: ServerAddress, to: ServerAddress): void {
    this.#cut.add(linkOf(from, to))
  }

  /** Ends a cut. */
  mend(from: ServerAddress, to: ServerAddress): void {
    this.#cut.delete(linkOf(from, to))
  }

  /** Holds back what is sent from one to the other until a time, then lets it through in a burst. */
  clog(from: ServerAddress, to: ServerAddress, until: number): void {
    this.#clogged.set(linkOf(from, to), until)
  }

  /** Ends every cut and clog between two of these. */
  mendAmong(includes: (address: ServerAddress) => boolean): void {
    const isInside = (link: string): boolean => link.split('\n').every(includes)
    for (const link of this.#cut) if (isInside(link)) this.#cut.delete(link)
    for (const link of this.#clogged.keys()) if (isInside(link)) this.#clogged.delete(link)
  }

  /** Whether what is sent now can arrive at all. */
  isCut(from: ServerAddress, to: ServerAddress): boolean {
    return this.#cut.size > 0 && this.#cut.has(linkOf(from, to))
  }

  /** How long a message takes that is sent now; undefined if it is lost. */
  delay(from: ServerAddress, to: ServerAddress, now: number): number | undefined {
    const { minimumDelay, meanDelay, loss } = this.#conditions
    const lost = this.#random.chance(loss)
    const delay = minimumDelay + this.#random.exponential(meanDelay)
    if (lost || this.isCut(from, to)) return undefined
    const until = this.#clogged.size === 0 ? undefined : this.#clogged.get(linkOf(from, to))
    return until === undefined || until <= now ? delay : until - now + delay
  }

  /** When a second copy of a request arrives, if there is one: soon, or much later. */
  echo(): number | undefined {
    const { duplication, minimumDelay, meanDelay } = this.#conditions
    if (duplication === 0 || !this.#random.chance(duplication)) return undefined
    const late = this.#random.chance(0.2) ? 1_000 : 10
    return minimumDelay + this.#random.exponential(meanDelay * late)
  }
}

/** The same conditions in an object that is laid out like all others, however the given one was put together. */
function alike({ minimumDelay, meanDelay, loss, duplication }: NetworkConditions): NetworkConditions {
  return { minimumDelay, meanDelay, loss, duplication }
}

function linkOf(from: ServerAddress, to: ServerAddress): string {
  return `${from}\n${to}`
}
