import type { Event } from '../../../src/consensus/events.ts'
import type { Clock } from '../../../src/interfaces/clock.ts'
import type { Context } from '../../../src/raft/context.ts'
import { Meter } from '../../../src/raft/meter.ts'
import { silentLogger } from '../../../src/raft/silent-logger.ts'

/** What a part of a node gets from it: a node that only collects events, and tells `fail` of failures. */
export function contextOf(clock: Clock, events: Event[], fail: (error: Error) => void): Context {
  return {
    clock,
    random: () => 0,
    logger: silentLogger,
    meter: new Meter(undefined, clock),
    post: (event) => void events.push(event),
    later: queueMicrotask,
    afterwards: queueMicrotask,
    fail,
  }
}
