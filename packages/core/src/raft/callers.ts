import type { Config } from '../types/config.ts'
import { RaftShutdownError } from '../types/errors.ts'
import { AbortWatch } from './abort-watch.ts'
import { CallWaiters } from './call-waiters.ts'
import type { Context } from './context.ts'
import { Deadlines } from './deadlines.ts'
import { Proposals } from './proposals.ts'

/** The side of the node that callers see: their commands and whatever else they wait for. */
export class Callers {
  readonly proposals: Proposals
  readonly waiters: CallWaiters
  readonly #deadlines: Deadlines

  constructor(context: Context, config: Config) {
    const deadlines = new Deadlines(context.clock)
    const aborts = new AbortWatch()
    this.#deadlines = deadlines
    this.proposals = new Proposals({
      clock: context.clock,
      deadlines,
      aborts,
      maxPendingBytes: config.maxPendingBytes,
      buffered: config.batchApplyCh ? config.maxAppendEntries : 0,
      later: (task) => context.later(task),
      announce: (count) => context.post({ type: 'proposed', count }),
    })
    this.waiters = new CallWaiters({
      deadlines,
      aborts,
      withdraw: (request) => context.post({ type: 'withdrawn', request }),
    })
  }

  /** Refuses everybody: what may have happened all the same has an unknown outcome. */
  stop(cause: Error | undefined): void {
    const options = cause === undefined ? {} : { cause }
    const rejected = new RaftShutdownError(options)
    const unknown = new RaftShutdownError({ ...options, outcome: 'unknown' })
    this.proposals.stop(rejected, unknown)
    this.waiters.stop(rejected, unknown)
    this.#deadlines.stop()
  }
}
