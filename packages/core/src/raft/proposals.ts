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
import type { Proposal } from './proposal.ts'
import type { CallOptions } from './results.ts'
import { RingQueue } from './ring-queue.ts'
import { Submitted } from './submitted.ts'

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
  readonly #waiting = new RingQueue<Proposal>()
  /** Those that are not announced yet. */
  #queue: Proposal[] = []
  /** Those that are, as they were. */
  readonly #announced: (readonly Proposal[])[] = []
  readonly #submitted = new Submitted()
  #pendingBytes = 0
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
  get submitted(): Submitted {
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

  /** Those that were announced first become entries of the log. */
  submit(
    source: { readonly first: number; readonly count: number; readonly term: number },
    now: number,
    wallTime: Timestamp,
  ): Log[] {
    const proposals = this.#takeAnnounced(source.count)
    const logs = new Array<Log>(source.count)
    for (let offset = 0; offset < proposals.length; offset++) {
      const proposal = proposals[offset]!
      const { entry } = proposal
      entry.index = source.first + offset
      entry.term = source.term
      entry.appendedAt = wallTime
      if (proposal.state === 'queued') proposal.state = 'submitted'
      logs[offset] = entry
    }
    this.#submitted.push(source.first, proposals, now)
    return logs
  }

  /** Those that were announced first are not taken. */
  refuse(count: number, error: RaftError): void {
    for (const proposal of this.#takeAnnounced(count)) {
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
    this.#endSubmitted(0, index, () => new AbortedByRestoreError())
    this.#submitted.dropBefore(index + 1)
    this.#admit()
  }

  /** Ends everything: `rejected` what was not submitted, `unknown` what was. */
  stop(rejected: RaftError, unknown: RaftError): void {
    for (const proposal of [...this.#announced.splice(0).flat(), ...this.#queue.splice(0)]) proposal.reject(rejected)
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) next.reject(rejected)
    this.#endSubmitted(0, Infinity, () => unknown)
    this.#submitted.dropFrom(0)
    this.#pendingBytes = 0
  }

  #endAfter(index: number, error: (proposal: Proposal) => RaftError): void {
    this.#endSubmitted(index + 1, Infinity, error)
    this.#submitted.dropFrom(index + 1)
    this.#admit()
  }

  #endSubmitted(from: number, through: number, error: (proposal: Proposal) => RaftError): void {
    this.#submitted.forEach(from, through, (proposal) => {
      this.#pendingBytes -= proposal.bytes
      proposal.reject(error(proposal))
    })
  }

  #takeAnnounced(count: number): readonly Proposal[] {
    const proposals = this.#announced.shift()
    if (proposals?.length !== count) throw new Error('other commands were taken than announced')
    return proposals
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
    if (this.#endedInQueue) this.#dropEnded()
    const parts = partsOf(this.#queue)
    this.#queue = []
    for (const part of parts) this.#announced.push(part)
    for (const { length } of parts) {
      this.#together = length > 1
      this.#options.announce(length)
    }
  }

  #dropEnded(): void {
    this.#endedInQueue = false
    this.#queue = this.#queue.filter((proposal) => {
      if (proposal.state !== 'ended') return true
      this.#pendingBytes -= proposal.bytes
      return false
    })
  }

  #abort(proposal: Proposal, signal: AbortSignal): void {
    // What is announced can no longer be taken out of the queue: it will become an entry all the same.
    const announced = proposal.state === 'queued' && this.#announced.length > 0
    const outcome = proposal.state === 'submitted' || announced ? 'unknown' : 'rejected'
    if (proposal.state === 'queued') this.#endedInQueue = true
    proposal.reject(new AbortedError({ outcome, cause: signal.reason }))
  }
}

/** What is announced each: nearly always all of it. */
function partsOf(queue: readonly Proposal[]): readonly (readonly Proposal[])[] {
  const parts: (readonly Proposal[])[] = []
  let from = 0
  let bytes = 0
  for (let end = 1; end <= queue.length; end++) {
    bytes += queue[end - 1]!.bytes
    if (end < queue.length && end - from < MAX_ANNOUNCED_COUNT && bytes < MAX_ANNOUNCED_BYTES) continue
    parts.push(from === 0 && end === queue.length ? queue : queue.slice(from, end))
    from = end
    bytes = 0
  }
  return parts
}
