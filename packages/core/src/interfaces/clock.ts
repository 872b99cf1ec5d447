import type { Timestamp } from '../types/log.ts'

/** A timer that was set; it belongs to the clock that set it. */
export type Timer = object | number

/** All that the library knows of time. The simulator gives it another. */
export interface Clock {
  /** Milliseconds of a clock that never runs backwards, with fractions. */
  now(): number
  /** The time of day, for what people read. */
  wallTime(): Timestamp
  /** Calls `fn` once, `delay` milliseconds from now or later. */
  setTimer(fn: () => void, delay: number): Timer
  /** Forgets a timer; one that fired or was forgotten is ignored. */
  clearTimer(timer: Timer): void
  /** Calls `fn` once what can happen in this turn of the event loop has happened; batching rests on it. */
  endOfTurn(fn: () => void): void
}
