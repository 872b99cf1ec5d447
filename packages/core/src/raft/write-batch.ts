import type { VoteState } from '../consensus/vote-state.ts'
import type { Log } from '../types/log.ts'
import { payloadBytes } from './log-bytes.ts'

/** One thing to make durable: in this order the vote, the removal, the entries. */
export interface WriteJob {
  /** The number to report once it is durable. */
  readonly write: number
  readonly vote?: VoteState | undefined
  /** Removes this entry and all after it. */
  readonly deleteFrom?: number | undefined
  /** Removes the whole log. */
  readonly clear?: boolean | undefined
  /** Ascending, without gaps. */
  readonly logs: readonly Log[]
}

/** Several jobs joined into one: it leaves the store as they would one after the other. */
export class WriteBatch {
  #write = 0
  #vote: VoteState | undefined
  #clear = false
  #deleteFrom: number | undefined
  #logs: readonly Log[] = []
  /** `#logs` is our own array, not that of the only job. */
  #ownLogs: Log[] | undefined
  #bytes = 0
  /** How many of `#logs` are in `#bytes`: most batches are of one job, and nobody asks. */
  #weighed = 0
  #jobs = 0

  /** The number of the last job. */
  get write(): number {
    return this.#write
  }

  get vote(): VoteState | undefined {
    return this.#vote
  }

  /** Remove everything that the store holds. */
  get clear(): boolean {
    return this.#clear
  }

  /** Remove this entry and all after it that the store holds. */
  get deleteFrom(): number | undefined {
    return this.#deleteFrom
  }

  /** Store these after the removal. */
  get logs(): readonly Log[] {
    return this.#logs
  }

  /** Whether another job with so many entries and bytes keeps the batch to the size of a good write. */
  hasRoomFor(job: WriteJob, limits: { readonly count: number; readonly bytes: number }): boolean {
    return this.#jobs === 0 || (this.#logs.length + job.logs.length <= limits.count && this.#weigh() < limits.bytes)
  }

  /** Adds what comes after all that was added. */
  add(job: WriteJob): void {
    this.#write = job.write
    this.#jobs += 1
    if (job.vote !== undefined) this.#vote = job.vote
    if (job.clear === true) this.#removeAll()
    if (job.deleteFrom !== undefined) this.#removeFrom(job.deleteFrom)
    this.#append(job.logs)
  }

  #removeAll(): void {
    this.#clear = true
    this.#deleteFrom = undefined
    this.#setLogs([])
  }

  /**
   * The entries of earlier jobs stay as far as they are before the index. The store needs the removal too, even if the
   * index is among them: it may hold older entries there.
   */
  #removeFrom(index: number): void {
    if (!this.#clear) this.#deleteFrom = Math.min(this.#deleteFrom ?? Infinity, index)
    if ((this.#logs.at(-1)?.index ?? 0) >= index) this.#setLogs(this.#logs.filter((log) => log.index < index))
  }

  #append(logs: readonly Log[]): void {
    if (logs.length === 0) return
    if (this.#logs.length === 0) {
      this.#logs = logs
      this.#ownLogs = undefined
    } else {
      const own = this.#ownLogs ?? [...this.#logs]
      for (const log of logs) own.push(log)
      this.#ownLogs = own
      this.#logs = own
    }
  }

  #setLogs(logs: Log[]): void {
    this.#logs = logs
    this.#ownLogs = logs
    this.#bytes = 0
    this.#weighed = 0
  }

  #weigh(): number {
    for (; this.#weighed < this.#logs.length; this.#weighed++) this.#bytes += payloadBytes(this.#logs[this.#weighed]!)
    return this.#bytes
  }
}
