import type { Clock, Timer } from '../interfaces/clock.ts'
import type { Timestamp } from '../types/log.ts'

/** What some platforms have beyond what all have. */
interface PlatformTimers {
  readonly setImmediate?: (fn: () => void) => unknown
}

/**
 * The clock of the machine: `performance.now`, `Date`, `setTimeout`, and `setImmediate` as the end of the turn, or where
 * there is none a timer of no delay. Timers that are set keep a process alive.
 */
export function systemClock(): Clock {
  const { setImmediate } = globalThis as PlatformTimers
  // Looked up once: a global costs more than the time itself.
  const { performance } = globalThis
  return {
    now: () => performance.now(),
    wallTime,
    setTimer: (fn, delay): Timer => setTimeout(fn, delay),
    clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
    endOfTurn: setImmediate === undefined ? (fn) => void setTimeout(fn, 0) : (fn) => void setImmediate(fn),
  }
}

/** The time of day in UTC. Platforms tell it in milliseconds, some with a fraction. */
function wallTime(): Timestamp {
  const milliseconds = Date.now()
  const seconds = Math.floor(milliseconds / 1_000)
  return { seconds, nanoseconds: Math.round((milliseconds - seconds * 1_000) * 1_000_000) }
}
