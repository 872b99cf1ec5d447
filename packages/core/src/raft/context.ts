import type { Event } from '../consensus/events.ts'
import type { Clock } from '../interfaces/clock.ts'
import type { Logger } from '../interfaces/observability.ts'
import type { Random } from '../types/random.ts'
import type { Meter } from './meter.ts'

/** What every part of a node gets from it. */
export interface Context {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly meter: Meter
  /** Hands an event to the state machine; never throws. */
  post(event: Event): void
  /** Calls back once what runs now has returned and what was posted is handled. */
  later(task: () => void): void
  /** Calls back once all of that is done and what was said has been written: for what may take long. */
  afterwards(task: () => void): void
  /** Stops the node: it cannot go on. Only the first reason counts. */
  fail(error: Error): void
}
