import type { Clock } from '../interfaces/clock.ts'
import {
  AbortedByRestoreError,
  AbortedError,
  EnqueueTimeoutError,
  LeadershipLostError,
  type RaftError,
} from '../types/errors.ts'
import type { Log, Timestamp } from '../types/log.ts'
import type { AbortWatch } from './abort-watch.ts'
import type { Deadlines } from './deadlines.ts'
import { IndexRing } from './index-ring.ts'
import type { Proposal } from './proposal.ts'
import type { CallOptions } from './results.ts'
import { RingQueue } from './ring-queue.ts'

/** One announcement: about what one write to disk should be. */
const MAX_ANNOUNCED_COUNT = 4_096
const MAX_ANNOUNCED_BYTES = 1_048_576

/** Announcements that need not wait for the end of a turn, so that callers who go on at once leave time for the sockets. */
const PROMPT = 4

/** What the callers' commands pass through. */
export interface ProposalsOptions {
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly aborts: AbortWatch
  /** Bytes that may be queued or unapplied before callers wait. */
  readonly maxPendingBytes: number
  /** Callers ahead of the limit whose timeout no longer counts (`batchApplyCh`). */
  readonly buffered: number
  /** Calls back once what runs now has returned. */
  readonly later: (task: () => void) => void
  /** Tells the state machine of so many new commands at the end of the queue. */
  readonly announce: (count: number) => void
}

/**
 * The commands of this node's callers, from the call until they are applied: first perhaps outside, for want of room;
 * then in the queue; then by their index in the log. Those that come are announced once a turn, together; but one that comes
 * alone, after another that did, need not wait for company.
 */
export class Proposals {
  readonly #options: ProposalsOptions
  #waiting = new RingQueue<Proposal>()
  readonly #queue = new RingQueue<Proposal>()
  readonly #submitted = new IndexRing<Proposal>()
  #pendingBytes = 0
  #announced = 0
  #flushing = false
  /** Announcements of this turn that did not wait for its end. */
  #prompt = 0
  /** The newest announcement was of several commands. */
  #together = false
  readonly #flush = (): void => this.#announceQueued()
  readonly #turnEnded = (): void => {
    this.#prompt = 0
  }
  /** Restores under way. */
  #holds = 0
  /** Some in the queue have ended already. */
  #endedInQueue = false

  constructor(options: ProposalsOptions) {
    this.#options = options
  }

  /** Commands in the log that are not applied yet. */
  get submitted(): IndexRing<Proposal> {
    return this.#submitted
  }

  /** Takes a command, now or once there is room. */
  add(proposal: Proposal, { timeout = 0, signal }: CallOptions): void {
    if (signal !== undefined) {
      proposal.watches = { unwatch: this.#options.aborts.watch(signal, () => this.#abort(proposal, signal)) }
    }
    if (this.#waiting.length === 0 && this.#hasRoomFor(proposal)) return this.#enter(proposal)
    proposal.state = 'waiting'
    this.#waiting.push(proposal)
    if (timeout <= 0 || this.#waiting.length <= this.#options.buffered) return
    const untime = this.#options.deadlines.add(timeout, () => proposal.reject(new EnqueueTimeoutError()))
    proposal.watches = { ...proposal.watches, untime }
  }

  /** The first of the queue become entries of the log. */
  submit(
    source: { readonly first: number; readonly count: number; readonly term: number },
    now: number,
    wallTime: Timestamp,
  ): Log[] {
    const logs = new Array<Log>(source.count)
    const submission = { at: now }
    for (let offset = 0; offset < source.count; offset++) {
      const proposal = this.#takeFromQueue()
      const { entry } = proposal
      entry.index = source.first + offset
      entry.term = source.term
      entry.appendedAt = wallTime
      proposal.submission = submission
      if (proposal.state === 'queued') proposal.state = 'submitted'
      this.#submitted.push(entry.index, proposal)
      logs[offset] = entry
    }
    return logs
  }

  /** The first of the queue are not taken. */
  refuse(count: number, error: RaftError): void {
    for (let left = count; left > 0; left--) {
      const proposal = this.#takeFromQueue()
      this.#pendingBytes -= proposal.bytes
      proposal.reject(error)
    }
    this.#admit()
  }

  /** The entry is applied: the command that became it, if one of ours did. */
  takeApplied(index: number, term: number): Proposal | undefined {
    const proposal = this.#submitted.take(index)
    if (proposal === undefined) return undefined
    this.#pendingBytes -= proposal.bytes
    if (this.#waiting.length > 0) this.#admit()
    if (proposal.entry.term === term) return proposal
    proposal.reject(new LeadershipLostError(proposal.entry))
    return undefined
  }

  /** Another leader decides what becomes of the entries after the index. */
  loseAfter(index: number): void {
    this.#endAfter(index, (proposal) => new LeadershipLostError(proposal.entry))
  }

  /** A restore takes the place of the entries after the index. */
  abortAfter(index: number): void {
    this.#endAfter(index, () => new AbortedByRestoreError())
  }

  /** Lets what is queued wait until `release`: a restore is being stored. */
  hold(): void {
    this.#holds += 1
  }

  /** Ends what one `hold` began. */
  release(): void {
    this.#holds -= 1
    this.#scheduleFlush()
  }

  /** A snapshot took the place of the entries through the index. */
  abortThrough(index: number): void {
    const through = Math.min(index, this.#submitted.last)
    this.#endSubmitted(this.#submitted.first, through, () => new AbortedByRestoreError())
    this.#submitted.dropBefore(index + 1)
    this.#admit()
  }

  /** Ends everything: `rejected` what was not submitted, `unknown` what was. */
  stop(rejected: RaftError, unknown: RaftError): void {
    for (const queue of [this.#queue, this.#waiting]) {
      for (let proposal = queue.shift(); proposal !== undefined; proposal = queue.shift()) proposal.reject(rejected)
    }
    this.#endSubmitted(this.#submitted.first, this.#submitted.last, () => unknown)
    this.#submitted.dropFrom(this.#submitted.first)
    this.#pendingBytes = 0
    this.#announced = 0
  }

  #endAfter(index: number, error: (proposal: Proposal) => RaftError): void {
    this.#endSubmitted(index + 1, this.#submitted.last, error)
    this.#submitted.dropFrom(index + 1)
    this.#admit()
  }

  #endSubmitted(from: number, through: number, error: (proposal: Proposal) => RaftError): void {
    for (let index = from; index <= through; index++) {
      const proposal = this.#submitted.get(index)
      if (proposal === undefined) continue
      this.#pendingBytes -= proposal.bytes
      proposal.reject(error(proposal))
    }
  }

  #takeFromQueue(): Proposal {
    const proposal = this.#queue.shift()
    if (proposal === undefined) throw new Error('more commands were taken than announced')
    this.#announced -= 1
    return proposal
  }

  #hasRoomFor(proposal: Proposal): boolean {
    return this.#pendingBytes === 0 || this.#pendingBytes + proposal.bytes <= this.#options.maxPendingBytes
  }

  #enter(proposal: Proposal): void {
    proposal.state = 'queued'
    this.#pendingBytes += proposal.bytes
    this.#queue.push(proposal)
    this.#scheduleFlush()
  }

  #scheduleFlush(): void {
    if (this.#flushing) return
    this.#flushing = true
    const { clock, later } = this.#options
    const company = this.#together || !this.#submitted.isEmpty
    if (company || this.#prompt === PROMPT) return clock.endOfTurn(this.#flush)
    if (this.#prompt === 0) clock.endOfTurn(this.#turnEnded)
    this.#prompt += 1
    later(this.#flush)
  }

  /** Lets in those that wait, as far as there is room now. */
  #admit(): void {
    for (let next = this.#waiting.at(0); next !== undefined; next = this.#waiting.at(0)) {
      if (next.state !== 'ended') {
        if (!this.#hasRoomFor(next)) break
        this.#untime(next)
        this.#enter(next)
      }
      this.#waiting.shift()
    }
    for (let place = 0; place < Math.min(this.#options.buffered, this.#waiting.length); place++) {
      this.#untime(this.#waiting.at(place)!)
    }
  }

  #untime(proposal: Proposal): void {
    const { unwatch, untime } = proposal.watches
    if (untime === undefined) return
    untime()
    proposal.watches = { unwatch }
  }

  #announceQueued(): void {
    this.#flushing = false
    if (this.#holds > 0) return
    if (this.#endedInQueue && this.#announced === 0) this.#dropEnded()
    while (this.#announced < this.#queue.length) {
      let count = 0
      let bytes = 0
      for (let at = this.#announced; count < MAX_ANNOUNCED_COUNT && bytes < MAX_ANNOUNCED_BYTES; at++) {
        const proposal = this.#queue.at(at)
        if (proposal === undefined) break
        count += 1
        bytes += proposal.bytes
      }
      this.#announced += count
      this.#together = count > 1
      this.#options.announce(count)
    }
  }

  #dropEnded(): void {
    this.#endedInQueue = false
    this.#queue.filter((proposal) => {
      if (proposal.state !== 'ended') return true
      this.#pendingBytes -= proposal.bytes
      return false
    })
  }

  #abort(proposal: Proposal, signal: AbortSignal): void {
    // What is announced can no longer be taken out of the queue: it will become an entry all the same.
    const announced = proposal.state === 'queued' && this.#announced > 0
    const outcome = proposal.state === 'submitted' || announced ? 'unknown' : 'rejected'
    if (proposal.state === 'queued') this.#endedInQueue = true
    proposal.reject(new AbortedError({ outcome, cause: signal.reason }))
  }
}
