import type { Clock, Timer, Timestamp } from '@raft/core'
import { type Planned, TimerHeap } from './timer-heap.ts'

/** 2020-01-01T00:00:00Z: the wall time at virtual time 0. */
const EPOCH_SECONDS = 1_577_836_800

/** How many immediates are asked for at once. */
const TURNS = 64

/** Who waits for a turn, the first first; whoever says so when it comes waits for another one. */
const waiting: (() => boolean)[] = []
let turnsToCome = 0

function askForTurns(): void {
  turnsToCome = TURNS
  for (let turn = 0; turn < TURNS; turn++) setImmediate(takeTurn)
}

function takeTurn(): void {
  turnsToCome -= 1
  const next = waiting.shift()
  if (next?.() === true) waiting.push(next)
  if (turnsToCome === 0 && waiting.length > 0) askForTurns()
}

/**
 * Calls back once every promise that is ready has run what waits for it, and what follows from that, to the end. Node does
 * so between any two immediates; only between batches of them it also asks the system for news, which costs five times as
 * much.
 */
function whenSettled(next: () => boolean): void {
  waiting.push(next)
  if (turnsToCome === 0) askForTurns()
}

/**
 * Time that moves when told. Timers fire in the order of their times, those of one time in the order in which they were
 * set, and after each one everything that follows from it at the same instant runs to the end. So the same calls give the
 * same run, as long as nothing waits for the real world.
 */
export class SimulatedClock implements Clock {
  readonly #heap = new TimerHeap()
  #now = 0
  #order = 0
  #turnEnds: (() => void)[] = []
  #steps = 0

  /** Virtual milliseconds since the beginning. */
  now(): number {
    return this.#now
  }

  /** The virtual time of day, which begins with the year 2020. */
  wallTime(): Timestamp {
    const milliseconds = this.#now % 1_000
    return {
      seconds: EPOCH_SECONDS + Math.floor(this.#now / 1_000),
      nanoseconds: Math.floor(milliseconds * 1_000_000),
    }
  }

  /** Timers that fired so far. */
  get steps(): number {
    return this.#steps
  }

  setTimer(fn: () => void, delay: number): Timer {
    const planned: Planned = { time: this.#now + Math.max(0, delay), order: this.#order++, fn }
    this.#heap.push(planned)
    return planned
  }

  clearTimer(timer: Timer): void {
    ;(timer as Planned).fn = undefined
  }

  endOfTurn(fn: () => void): void {
    this.#turnEnds.push(fn)
  }

  /** When the next timer fires; undefined when there is none. */
  get next(): number | undefined {
    return this.#heap.peek()?.time
  }

  /** Moves to the next timer, fires it, and lets what follows from it run to the end. False when there is none. */
  async step(): Promise<boolean> {
    if (!this.fire()) return false
    await this.settle()
    return true
  }

  /** Moves to the next timer and fires it; what follows from it is still to come. False when there is none. */
  fire(): boolean {
    const planned = this.#heap.pop()
    if (planned === undefined) return false
    this.#now = planned.time
    this.#steps++
    const fn = planned.fn!
    planned.fn = undefined
    fn()
    return true
  }

  /** Lets what is ready run to the end, without moving time. */
  settle(): Promise<void> {
    return new Promise((resolve) => {
      whenSettled(() => {
        const isOver = this.#turnEnds.length === 0
        if (isOver) resolve()
        else for (const fn of this.#turnEnds.splice(0)) fn()
        return !isOver
      })
    })
  }

  /** Moves time on, firing what is due on the way. */
  async advance(duration: number): Promise<void> {
    const end = this.#now + duration
    await this.settle()
    for (let next = this.next; next !== undefined && next <= end; next = this.next) await this.step()
    this.#now = end
  }

  /** Moves time on until the condition holds; gives up after `limit` virtual milliseconds, and says whether it held. */
  async until(condition: () => boolean, limit = 60_000): Promise<boolean> {
    const end = this.#now + limit
    await this.settle()
    while (!condition()) {
      const next = this.next
      if (next === undefined || next > end) return false
      await this.step()
    }
    return true
  }

  /** Moves time on until the promise settles, and hands on its end. Rejects if it is still open after `limit`. */
  async run<T>(promise: PromiseLike<T>, limit = 60_000): Promise<T> {
    let settled = false
    const watched = Promise.resolve(promise).finally(() => (settled = true))
    watched.catch(() => {})
    if (!(await this.until(() => settled, limit))) throw new Error(`still waiting after ${limit} virtual milliseconds`)
    return await watched
  }
}
