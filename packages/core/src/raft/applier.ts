import type { Awaitable } from '../interfaces/awaitable.ts'
import type { FSMSnapshot } from '../interfaces/fsm.ts'
import type { TermRun } from '../consensus/log-positions.ts'
import { FSMError, RaftShutdownError, SnapshotError } from '../types/errors.ts'
import type { Log, Position } from '../types/log.ts'
import type { Context } from './context.ts'
import { DueTimers } from './due-timers.ts'
import type { FSMCalls } from './fsm-calls.ts'
import type { LogReader } from './log-reader.ts'
import type { Proposals } from './proposals.ts'
import { Saturation } from './saturation.ts'
import { asError, isThenable, messageOf, settle } from './settle.ts'

/** Entries that are read and applied between two looks at what else the FSM is wanted for. */
const BATCH_COUNT = 1_024
const BATCH_BYTES = 4_194_304

/** Milliseconds after which others have a turn, so that heartbeats are answered while much is applied. */
const SLICE = 10

/** What the applier is made of. */
export interface ApplierOptions {
  readonly context: Context
  readonly calls: FSMCalls
  readonly reader: LogReader
  readonly proposals: Proposals
  /** The terms that the entries have, as ascending runs. */
  readonly termsBetween: (from: number, through: number) => readonly TermRun[]
  /** How far the FSM already is. */
  readonly applied: Position
}

/** A state of the FSM, and the last entry in it. */
export interface FSMPoint extends Position {
  readonly snapshot: FSMSnapshot
}

/** A snapshot that is to replace the state of the FSM. */
export interface RestoreJob extends Position {
  run(): Promise<void>
}

/** Somebody who wants a state of the FSM. */
export interface SnapshotJob {
  /** Why a state at this index is of no use; asked before the FSM is. */
  wanted(index: number): Error | undefined
  /** Called before anything else is done with the FSM. */
  taken(point: FSMPoint): void
  failed(error: Error): void
}

/** Gives the FSM what is committed, restores and takes snapshots of it: one call at a time, in order. */
export class Applier {
  readonly #options: ApplierOptions
  #appliedIndex: number
  #appliedTerm: number
  #target: number
  #reported: number
  readonly #restores: RestoreJob[] = []
  readonly #snapshots: SnapshotJob[] = []
  readonly #begin = (): void => {
    this.#scheduled = false
    if (this.#busy || this.#stopped) return
    this.#sliceBegun = this.#options.context.clock.now()
    this.#next()
  }
  #busy = false
  #scheduled = false
  #stopped = false
  #sliceBegun = 0
  readonly #idleWaiters: (() => void)[] = []
  readonly #applying: DueTimers
  readonly #saturation: Saturation

  constructor(options: ApplierOptions) {
    this.#options = options
    const { meter, clock } = options.context
    this.#applying = new DueTimers(meter)
    this.#saturation = new Saturation('raft.thread.fsm.saturation', meter, clock)
    this.#appliedIndex = options.applied.index
    this.#appliedTerm = options.applied.term
    this.#target = options.applied.index
    this.#reported = options.applied.index
  }

  /** Entries that may be applied and are not yet. */
  get pending(): number {
    return Math.max(0, this.#target - this.#appliedIndex)
  }

  /** Lets the FSM have the entries through the index, measured as `metric`. Begins after what was said has been written. */
  advance(through: number, metric: string): void {
    this.#target = Math.max(this.#target, through)
    this.#applying.begin(metric, through)
    this.#schedule()
  }

  /**
   * Replaces the state once what is being applied is done; entries that the snapshot covers are skipped. One that comes
   * before an earlier one has ended replaces that one, whatever becomes of it: its snapshot may be gone already.
   */
  restore(job: RestoreJob): void {
    this.#restores.splice(0, this.#restores.length, job)
    // What was to be applied before is covered by the snapshot, or contradicts it.
    this.#target = job.index
    this.#schedule()
  }

  /** Takes a state between two entries. */
  snapshot(job: SnapshotJob): void {
    if (this.#stopped) return job.failed(new RaftShutdownError())
    this.#snapshots.push(job)
    this.#schedule()
  }

  /** Begins no more calls. Resolves once none is open. */
  stop(): Promise<void> {
    this.#stopped = true
    for (const job of this.#snapshots.splice(0)) job.failed(new RaftShutdownError())
    if (!this.#busy) return Promise.resolve()
    return new Promise((resolve) => this.#idleWaiters.push(resolve))
  }

  #schedule(): void {
    if (this.#busy || this.#scheduled || this.#stopped) return
    this.#scheduled = true
    this.#options.context.afterwards(this.#begin)
  }

  #next(): void {
    this.#saturation.begin()
    this.#work()
    if (!this.#busy) this.#saturation.end()
  }

  #work(): void {
    while (!this.#busy && !this.#stopped) {
      const restore = this.#restores.shift()
      if (restore !== undefined) {
        this.#beginRestore(restore)
        continue
      }
      const snapshot = this.#snapshots.shift()
      if (snapshot !== undefined) {
        this.#beginSnapshot(snapshot)
        continue
      }
      if (this.#appliedIndex >= this.#target) return
      this.#beginBatch()
    }
  }

  #beginBatch(): void {
    const { reader, termsBetween } = this.#options
    const from = this.#appliedIndex + 1
    const through = Math.min(this.#target, from + BATCH_COUNT - 1)
    const range = { from, through, maxBytes: BATCH_BYTES }
    let logs: Awaitable<readonly Log[]>
    try {
      logs = reader.read(range, termsBetween(from, through))
    } catch (error) {
      return this.#options.context.fail(asError(error))
    }
    if (!isThenable(logs)) return this.#run(logs, 0)
    const pending = logs
    this.#wait(() => pending, {
      done: (found) => {
        // A snapshot has come meanwhile: what was read is no longer of interest, nor is a failure to read it.
        if (this.#restores.length === 0) this.#run(found, 0)
      },
      failed: (error) => {
        if (this.#restores.length === 0) this.#options.context.fail(asError(error))
      },
    })
  }

  #run(logs: readonly Log[], at: number): void {
    if (this.#options.calls.batches) this.#runBatches(logs, at)
    else this.#runEach(logs, at)
  }

  #runEach(logs: readonly Log[], at: number): void {
    const { calls, context } = this.#options
    // The clock is looked at after one entry, two, four …: rarely, and yet the slice is at most twice as long as it may be.
    let look = at + 1
    for (let position = at; position < logs.length && !this.#stopped; position++) {
      if (position === look) {
        if (this.#sliceIsOver()) {
          this.#flush()
          this.#busy = true
          return context.clock.endOfTurn(() => this.#resume(() => this.#runEach(logs, position)))
        }
        look += position - at
      }
      const log = logs[position]!
      let response: Awaitable<unknown>
      try {
        response = calls.apply(log)
      } catch (error) {
        return this.#onFSMFailed(log.index, error)
      }
      if (isThenable(response)) {
        this.#flush()
        const pending = response
        return this.#wait(() => pending, {
          done: (value) => {
            this.#done(log, value)
            if (position + 1 < logs.length) this.#runEach(logs, position + 1)
            else this.#flush()
          },
          failed: (error) => this.#onFSMFailed(log.index, error),
        })
      }
      this.#done(log, response)
    }
    this.#flush()
  }

  /** One call for all, but for a configuration that is to be stored: it ends a batch, to keep the order. */
  #runBatches(logs: readonly Log[], at: number): void {
    const { calls, context } = this.#options
    let end = at
    while (end < logs.length && !(end > at && calls.isStored(logs[end - 1]!))) end += 1
    const part = logs.slice(at, end)
    const given = part.filter((log) => calls.isForBatch(log))
    context.meter.sample('raft.fsm.applyBatchNum', part.length)
    const last = part.at(-1)!
    const apply = async (responses: readonly unknown[]): Promise<readonly unknown[]> => {
      if (calls.isStored(last)) await calls.storeConfiguration(last)
      return responses
    }
    const begin = (): Awaitable<readonly unknown[]> => {
      const responses = given.length === 0 ? [] : calls.applyBatch(given)
      if (!calls.isStored(last)) return responses
      return isThenable(responses) ? responses.then(apply) : apply(responses)
    }
    this.#wait(begin, {
      done: (responses) => {
        if (responses.length !== given.length) {
          return this.#onFSMFailed(part[0]!.index, new Error('invalid number of responses'))
        }
        let next = 0
        for (const log of part) this.#done(log, calls.isForBatch(log) ? responses[next++] : undefined)
        this.#flush()
        if (end >= logs.length || this.#stopped) return
        if (!this.#sliceIsOver()) return this.#runBatches(logs, end)
        this.#busy = true
        context.clock.endOfTurn(() => this.#resume(() => this.#runBatches(logs, end)))
      },
      failed: (error) => this.#onFSMFailed(part[0]!.index, error),
    })
  }

  #beginRestore(job: RestoreJob): void {
    this.#wait(() => job.run(), {
      done: () => {
        this.#appliedIndex = job.index
        this.#appliedTerm = job.term
        if (this.#restores.length > 0) return
        this.#target = Math.max(this.#target, job.index)
        this.#reported = job.index
        this.#options.proposals.abortThrough(job.index)
        this.#options.context.post({ type: 'applied', index: job.index })
      },
      failed: (error) => {
        if (this.#restores.length > 0) return
        const message = `failed to restore the snapshot at index ${job.index}: ${messageOf(error)}`
        this.#options.context.fail(new FSMError(message, { cause: error }))
      },
    })
  }

  #beginSnapshot(job: SnapshotJob): void {
    const useless = job.wanted(this.#appliedIndex)
    if (useless !== undefined) return job.failed(useless)
    this.#wait(() => this.#options.calls.snapshot(), {
      done: (snapshot) => job.taken({ index: this.#appliedIndex, term: this.#appliedTerm, snapshot }),
      failed: (error) =>
        job.failed(new SnapshotError(`failed to start snapshot: ${messageOf(error)}`, { cause: error })),
    })
  }

  /** The caller goes on once what runs now has returned, and by then `#flush` has reported the entry. */
  #done(log: Log, response: unknown): void {
    this.#appliedIndex = log.index
    this.#appliedTerm = log.term
    this.#options.proposals.takeApplied(log.index, log.term)?.resolve(response)
  }

  /** Reports what is applied, before anybody who was answered goes on: each sees at least its own command applied. */
  #flush(): void {
    if (this.#appliedIndex <= this.#reported) return
    this.#reported = this.#appliedIndex
    this.#applying.reached(this.#reported)
    this.#options.context.post({ type: 'applied', index: this.#reported })
  }

  #onFSMFailed(index: number, error: unknown): void {
    this.#flush()
    const message = `the state machine failed on entry ${index}: ${messageOf(error)}`
    this.#options.context.fail(new FSMError(message, { index, cause: error }))
  }

  #sliceIsOver(): boolean {
    return this.#options.context.clock.now() - this.#sliceBegun > SLICE
  }

  /** Does one thing that may take time; nothing else begins meanwhile. */
  #wait<T>(begin: () => Awaitable<T>, outcomes: { done(value: T): void; failed(error: unknown): void }): void {
    let synchronous = true
    this.#busy = true
    const end = (outcome: () => void): void => {
      if (synchronous) {
        this.#busy = false
        outcome()
      } else this.#resume(outcome)
    }
    settle(begin, {
      done: (value) => end(() => outcomes.done(value)),
      failed: (error) => end(() => outcomes.failed(error)),
    })
    synchronous = false
  }

  /** Goes on after a wait. */
  #resume(outcome: () => void): void {
    this.#busy = false
    this.#sliceBegun = this.#options.context.clock.now()
    try {
      outcome()
      if (!this.#busy) this.#next()
    } catch (error) {
      this.#options.context.fail(asError(error))
    }
    if (!this.#busy) for (const waiter of this.#idleWaiters.splice(0)) waiter()
  }
}
