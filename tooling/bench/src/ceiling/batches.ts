import { LastCommands } from '../measure/machine.ts'
import type { BatchStore } from './batch-store.ts'
import { commandsIn, FrameWriter } from '../measure/frame.ts'

/** A batch that is as large as this is closed, and the next commands make another one. */
const MOST_BYTES = 1_048_576

/** Hands a frame to a follower. */
export type Send = (frame: Buffer) => void

interface Batch {
  readonly frame: Buffer
  readonly resolvers: ((applied: Applied) => void)[]
  acknowledged: number
}

/** What a caller is answered. */
export interface Applied {
  readonly index: number
  readonly response: number
}

/**
 * What leads: it collects the commands of a turn as a batch, or several if they are large, sends and stores them, and
 * applies and answers each once a majority has it. It knows of no terms, and of nothing that could go wrong.
 */
export class Batches {
  readonly #machine = new LastCommands()
  readonly #store: BatchStore
  readonly #followers: readonly Send[]
  readonly #needed: number
  readonly #writer = new FrameWriter()
  #resolvers: Batch['resolvers'] = []
  /** Batches of this turn that are closed. */
  #closed: Batch[] = []
  #flushing = false
  #open: Batch[] = []
  /** The number of the first open batch; follower by follower, how many it has. */
  #first = 0
  readonly #stored: number[]
  #index = 0

  constructor(store: BatchStore, followers: readonly Send[]) {
    this.#store = store
    this.#followers = followers
    this.#needed = Math.floor((followers.length + 1) / 2)
    this.#stored = followers.map(() => 0)
  }

  apply(command: Uint8Array): Promise<Applied> {
    if (this.#writer.length >= MOST_BYTES) this.#close()
    this.#writer.add(command)
    if (!this.#flushing) {
      this.#flushing = true
      setImmediate(() => this.#flush())
    }
    return new Promise((resolve) => this.#resolvers.push(resolve))
  }

  /** A follower has stored `count` batches in all. */
  acknowledge(follower: number, count: number): void {
    for (let number = this.#stored[follower]!; number < count; number++) {
      // One that a majority has is done, and the slower followers' word is not waited for.
      const batch = this.#open[number - this.#first]
      if (number >= this.#first && batch !== undefined) batch.acknowledged++
    }
    this.#stored[follower] = count
    this.#finish()
  }

  #flush(): void {
    this.#flushing = false
    this.#close()
    const batches = this.#closed
    this.#closed = []
    for (const { frame } of batches) for (const send of this.#followers) send(frame)
    this.#store.add(batches.map(({ frame }) => frame))
    for (const batch of batches) this.#open.push(batch)
    this.#finish()
  }

  #close(): void {
    this.#closed.push({ frame: this.#writer.take(), resolvers: this.#resolvers, acknowledged: 0 })
    this.#resolvers = []
  }

  #finish(): void {
    let done = 0
    for (; done < this.#open.length && this.#open[done]!.acknowledged >= this.#needed; done++) {
      const { frame, resolvers } = this.#open[done]!
      let place = 0
      for (const command of commandsIn(frame)) {
        resolvers[place++]!({ index: ++this.#index, response: this.#machine.apply(command) })
      }
    }
    this.#open = this.#open.slice(done)
    this.#first += done
  }
}

/** What follows: it stores and applies each frame. */
export class FollowedBatches {
  readonly #machine = new LastCommands()
  readonly #store: BatchStore
  #count = 0

  constructor(store: BatchStore) {
    this.#store = store
  }

  /** Takes what arrived together, and answers how many batches it has in all. */
  take(frames: readonly Buffer[]): number {
    this.#store.add(frames)
    for (const frame of frames) for (const command of commandsIn(frame)) this.#machine.apply(command)
    return (this.#count += frames.length)
  }
}
