import type { Awaitable } from '../interfaces/awaitable.ts'
import type { Clock } from '../interfaces/clock.ts'
import type { LogStore } from '../interfaces/log-store.ts'
import type { StableStore } from '../interfaces/stable-store.ts'
import type { Log } from '../types/log.ts'
import { StoreError } from '../types/errors.ts'
import type { Meter } from './meter.ts'
import { isThenable, messageOf } from './settle.ts'
import { encodeVote, VOTE_KEY } from './vote-record.ts'
import { WriteBatch, type WriteJob } from './write-batch.ts'

/** A good write: large enough to share a sync, small enough not to keep others waiting. */
const LIMITS = { count: 4_096, bytes: 1_048_576 }

/** Entries that one removal of a prefix takes, so that a store never works on one for long. */
const SLICE = 1_000

/** What the log writer is made of. */
export interface LogWriterOptions {
  readonly logs: LogStore
  readonly stable: StableStore
  /** What the store holds; 0 and 0 when it is empty. */
  readonly first: number
  readonly last: number
  readonly clock: Clock
  readonly meter: Meter
  /** Calls back once what runs now has returned. */
  readonly later: (task: () => void) => void
  /** Every job through this number is durable. */
  readonly persisted: (write: number) => void
  readonly failed: (error: StoreError) => void
}

interface Step {
  readonly name: string
  run(): Awaitable<void>
}

interface Compaction {
  readonly through: number
}

/** Whether the stable values live in the same file as the log, so that one transaction can hold both. */
export function sharesStore(logs: LogStore, stable: StableStore): boolean {
  return (logs as unknown) === stable || logs.backing === stable
}

/**
 * Makes jobs durable in their order, one write at a time. What comes while a write is open is joined into the next one:
 * so a busy node shares each sync among many, and an idle one never waits for company.
 */
export class LogWriter {
  readonly #options: LogWriterOptions
  #queue: (WriteJob | Compaction)[] = []
  /** Removals of a prefix that are due, done in slices between the writes. */
  #compactThrough = 0
  #sliceNext = false
  #first: number
  #last: number
  /** Where a user restore has left a gap: the last entry before it, and the first after it. */
  #gap: { readonly after: number; readonly before: number } | undefined
  readonly #begin = (): void => {
    this.#scheduled = false
    this.#next()
  }
  #open = false
  #scheduled = false
  #stopped = false
  #idleWaiters: (() => void)[] = []

  constructor(options: LogWriterOptions) {
    this.#options = options
    this.#first = options.first
    this.#last = options.last
  }

  /** Adds a job at the end. It begins after what runs now has returned: messages leave before the disk is busy. */
  enqueue(job: WriteJob): void {
    if (this.#queue.length === 0) this.#queue = [job]
    else this.#queue.push(job)
    this.#schedule()
  }

  /** Removes the entries through the index, after the jobs so far, at leisure. */
  compact(through: number): void {
    this.#queue.push({ through })
    this.#schedule()
  }

  /** Begins no more writes. Resolves once none is open. */
  stop(): Promise<void> {
    this.#stopped = true
    this.#queue = []
    if (!this.#open) return Promise.resolve()
    return new Promise((resolve) => this.#idleWaiters.push(resolve))
  }

  #schedule(): void {
    if (this.#open || this.#scheduled || this.#stopped) return
    this.#scheduled = true
    this.#options.later(this.#begin)
  }

  #next(): void {
    if (this.#open || this.#stopped) return
    const slice = this.#sliceNext ? this.#takeSlice() : undefined
    const batch = slice === undefined && this.#queue.length > 0 ? this.#takeBatch() : undefined
    if (batch !== undefined) {
      this.#sliceNext = true
      const { meter } = this.#options
      const begun = meter.begin()
      this.#run(this.#stepsOf(batch), () => {
        if (batch.clear) meter.timer('raft.removeOldLogs', begun)
        this.#written(batch)
      })
      return
    }
    const due = slice ?? this.#takeSlice()
    if (due === undefined) return
    this.#sliceNext = false
    const begun = this.#options.meter.begin()
    this.#run([due], () => {
      this.#options.meter.timer('raft.compactLogs', begun)
      // Others have their turn between the slices.
      this.#options.clock.endOfTurn(() => this.#next())
    })
  }

  /** Joins jobs from the front of the queue. */
  #takeBatch(): WriteBatch | undefined {
    let batch: WriteBatch | undefined
    let taken = 0
    for (const job of this.#queue) {
      if ('through' in job) this.#compactThrough = Math.max(this.#compactThrough, job.through)
      else {
        batch ??= new WriteBatch()
        if (!batch.hasRoomFor(job, LIMITS)) break
        batch.add(job)
        // What is removed is not there to be compacted, and new entries may come at those indexes.
        if (job.clear === true) this.#compactThrough = 0
        if (job.deleteFrom !== undefined) this.#compactThrough = Math.min(this.#compactThrough, job.deleteFrom - 1)
      }
      taken += 1
      // Entries that are to be removed are first stored, so that the removal finds them.
      if ('through' in job && batch !== undefined) break
    }
    this.#queue = taken === this.#queue.length ? [] : this.#queue.slice(taken)
    return batch
  }

  #takeSlice(): Step | undefined {
    const { logs } = this.#options
    const from = this.#first
    // A gap can be as wide as the difference of two clusters' indexes: it is stepped over.
    const end = this.#gap === undefined ? this.#last : this.#gap.after
    const through = Math.min(this.#compactThrough, end, from + SLICE - 1)
    if (this.#last === 0 || through < from) return undefined
    return {
      name: 'delete a prefix of the log',
      run: () => {
        this.#first = through + 1
        if (through === this.#gap?.after) {
          this.#first = this.#gap.before
          this.#gap = undefined
        }
        if (this.#first > this.#last) this.#first = this.#last = 0
        return logs.deleteRange(from, through)
      },
    }
  }

  #stepsOf(batch: WriteBatch): readonly Step[] {
    const { logs, stable } = this.#options
    const vote = batch.vote === undefined ? undefined : encodeVote(batch.vote)
    const deleteFrom = this.#last === 0 ? undefined : batch.clear ? this.#first : batch.deleteFrom
    const deletes = deleteFrom !== undefined && deleteFrom <= this.#last
    const atomic = logs.capabilities?.atomicWrite === true && logs.write !== undefined
    const steps: Step[] = []
    const voteApart = vote !== undefined && !(atomic && sharesStore(logs, stable))
    if (voteApart) steps.push({ name: 'store term and vote', run: () => stable.set(VOTE_KEY, vote) })
    if (atomic && (deletes || (vote !== undefined && !voteApart))) {
      const set = vote === undefined || voteApart ? undefined : [{ key: VOTE_KEY, value: vote }]
      const entries = batch.logs.length > 0 ? batch.logs : undefined
      const write = { set, deleteFrom: deletes ? Math.max(deleteFrom, this.#first) : undefined, logs: entries }
      steps.push({ name: 'write to the log', run: () => logs.write!(write) })
      return steps
    }
    if (deletes) steps.push(...this.#removals(deleteFrom))
    if (batch.logs.length > 0) steps.push({ name: 'store entries in the log', run: () => logs.storeLogs(batch.logs) })
    return steps
  }

  /**
   * Removes the entries from the index on. A store that is interrupted in that may leave the end of the log that is not
   * meant; of the whole log it cannot know which end that is, and so the first entry goes last: nothing is left behind a gap.
   */
  #removals(deleteFrom: number): readonly Step[] {
    const { logs } = this.#options
    const first = this.#first
    const last = this.#last
    const remove = (min: number, max: number): Step => ({
      name: 'remove entries from the log',
      run: () => logs.deleteRange(min, max),
    })
    if (deleteFrom > first || first === last) return [remove(Math.max(deleteFrom, first), last)]
    return [remove(first + 1, last), remove(first, first)]
  }

  #run(steps: readonly Step[], done: () => void, at = 0): void {
    this.#open = true
    for (let next = at; next < steps.length; next++) {
      const step = steps[next]!
      let result: Awaitable<void>
      try {
        result = step.run()
      } catch (error) {
        return this.#fail(step, error)
      }
      if (!isThenable(result)) continue
      void result.then(
        () => this.#run(steps, done, next + 1),
        (error: unknown) => this.#fail(step, error),
      )
      return
    }
    this.#close()
    if (!this.#stopped) done()
  }

  #written(batch: WriteBatch): void {
    if (batch.clear) this.#forgetFrom(0)
    else if (batch.deleteFrom !== undefined) this.#forgetFrom(batch.deleteFrom)
    this.#noteStored(batch.logs)
    this.#options.persisted(batch.write)
    this.#schedule()
  }

  #forgetFrom(index: number): void {
    if (index > this.#last) return
    this.#last = index - 1
    if (this.#gap !== undefined && index <= this.#gap.before) {
      this.#last = Math.min(this.#last, this.#gap.after)
      this.#gap = undefined
    }
    if (this.#last < this.#first) this.#first = this.#last = 0
  }

  #noteStored(logs: readonly Log[]): void {
    const first = logs[0]
    const last = logs.at(-1)
    if (first === undefined || last === undefined) return
    if (this.#last === 0) this.#first = first.index
    let before = this.#last === 0 ? first.index - 1 : this.#last
    if (last.index - before > logs.length) {
      for (const { index } of logs) {
        if (index > before + 1) this.#gap = { after: before, before: index }
        before = index
      }
    }
    this.#last = last.index
  }

  #fail(step: Step, error: unknown): void {
    this.#close()
    if (this.#stopped) return
    this.#stopped = true
    this.#options.failed(new StoreError(`failed to ${step.name}: ${messageOf(error)}`, { cause: error }))
  }

  #close(): void {
    this.#open = false
    if (this.#idleWaiters.length > 0) for (const waiter of this.#idleWaiters.splice(0)) waiter()
  }
}
