import type { Random } from '../types/random.ts'
import type { IndexedConfiguration } from '../types/configuration.ts'
import type { RaftError } from '../types/errors.ts'
import type { Peer, ServerID } from '../types/identity.ts'
import type { Position } from '../types/log.ts'
import { ConfigurationHistory } from './configuration-history.ts'
import type { Effect, EntrySource, Note, ReplyMessage } from './effects.ts'
import type { CallID, InboundID, InstallRequested, RequestID, SnapshotPosition } from './events.ts'
import type { InitialState } from './initial-state.ts'
import { LogPositions } from './log-positions.ts'
import { hasVote } from './membership.ts'
import { Outbox } from './outbox.ts'
import type { Role } from './roles.ts'
import type { Settings } from './settings.ts'
import type { VoteState } from './vote-state.ts'

/** A caller who waits until the entry at the index is applied. */
export interface EntryWaiter {
  readonly index: number
  readonly term: number
  readonly request: RequestID
}

/** A leader who waits for the reply to its snapshot until the FSM has it. */
export interface InstallWaiter {
  readonly inbound: InboundID
  readonly index: number
}

/** What a user restore replaced. */
export interface StateBefore {
  readonly log: LogPositions
  readonly configurations: ConfigurationHistory
  readonly snapshot: SnapshotPosition
  readonly commitIndex: number
  readonly durableIndex: number
}

/** A user restore until it is committed. */
export interface RestoredState {
  readonly snapshot: SnapshotPosition
  readonly before: StateBefore | undefined
  /** The write that removes its mark, once a majority has it: from then on there is no way back. */
  kept?: number
}

/** What a write does, besides storing a changed vote. */
interface LogChange {
  readonly deleteFrom?: number
  readonly clear?: boolean
  readonly entries?: EntrySource
}

/** Shared, and never added to. */
const nothing: Effect[] = []

/** The state that the rules work on, and the few steps that all of them take. */
export class Core {
  settings: Settings
  readonly random: Random
  /** The time of the event that is handled. */
  now: number
  log: LogPositions
  configurations: ConfigurationHistory
  readonly outbox: Outbox
  role: Role
  /** The leader of the term, once known; this server itself when it leads. */
  leader: Peer | undefined
  /** When the leader was last heard. */
  lastContact: number | undefined
  commitIndex: number
  appliedIndex: number
  /** How far the node was told to apply. */
  applyThrough: number
  readonly entryWaiters: EntryWaiter[] = []
  /** Snapshots being received. */
  readonly receiving = new Map<InboundID, InstallRequested>()
  installWaiters: InstallWaiter[] = []
  /** A user restore that is in force here, but not committed; and what was before it, if it can be taken back. */
  restored: RestoredState | undefined
  #vote: VoteState
  #voteChanged = false
  #voteWrite = 0
  #snapshot: SnapshotPosition | undefined
  #nextCall = 1
  #effects: Effect[] = nothing

  constructor(options: { settings: Settings; initial: InitialState; random: Random; now: number }) {
    const { initial } = options
    this.settings = options.settings
    this.random = options.random
    this.now = options.now
    const base = { index: initial.snapshot?.index ?? 0, term: initial.snapshot?.term ?? 0 }
    this.log = new LogPositions(base, initial.log)
    this.#vote =
      initial.vote.term < this.log.lastTerm
        ? { ...initial.vote, term: this.log.lastTerm, candidate: undefined }
        : initial.vote
    this.#voteChanged = this.#vote !== initial.vote
    this.#snapshot = initial.snapshot
    const fromSnapshot: readonly IndexedConfiguration[] =
      initial.snapshot === undefined
        ? []
        : [{ configuration: initial.snapshot.configuration, index: initial.snapshot.configurationIndex }]
    // What the snapshot says is in force there, whatever an entry before it says: it may have been set by hand.
    const fromLog = initial.configurations.filter(({ index }) => index > base.index)
    this.configurations = new ConfigurationHistory([...fromSnapshot, ...fromLog])
    this.outbox = new Outbox(this.log.lastIndex)
    this.commitIndex = base.index
    this.appliedIndex = initial.applied
    this.applyThrough = Math.max(base.index, initial.applied)
    this.role = { kind: 'follower', electionAt: this.now + this.draw(this.settings.heartbeatTimeout) }
  }

  get term(): number {
    return this.#vote.term
  }

  get vote(): VoteState {
    return this.#vote
  }

  get snapshot(): SnapshotPosition | undefined {
    return this.#snapshot
  }

  get self(): ServerID {
    return this.settings.self.id
  }

  get isVoter(): boolean {
    return hasVote(this.configurations.latest.configuration, this.self)
  }

  /**
   * Whether this server may ask to lead. One whose vote is taken by a change that is not known to be committed still
   * may, without counting itself: the others may lack that change, and cannot win without it (thesis 4.2.2).
   */
  get mayCampaign(): boolean {
    if (this.isVoter) return true
    const { index } = this.configurations.latest
    return index > this.commitIndex && hasVote(this.configurations.at(index - 1).configuration, this.self)
  }

  /** A duration from [T, 2T), drawn anew each time (spec, appendix C). */
  draw(duration: number): number {
    return duration * (1 + this.random())
  }

  /** Whether the oldest write has been open for so long that this server is no use as a leader (design, chapter 4). */
  get diskStalled(): boolean {
    const since = this.outbox.oldestOpenAt
    // The same sum as the deadline's: a difference may be rounded to just below, and the deadline would never pass.
    return since !== undefined && this.now >= since + 2 * this.settings.leaderLeaseTimeout
  }

  emit(effect: Effect): void {
    // An array that begins with something is no larger than it must be; most steps order one thing or two.
    if (this.#effects.length === 0) this.#effects = [effect]
    else this.#effects.push(effect)
  }

  note(note: Note): void {
    this.emit({ type: 'note', note })
  }

  answer(request: RequestID, index: number, error?: RaftError): void {
    this.emit({ type: 'answer', request, index, error })
  }

  nextCall(): CallID {
    const call = this.#nextCall
    this.#nextCall += 1
    return call
  }

  /** Takes what this step has ordered. */
  takeEffects(): readonly Effect[] {
    if (this.#voteChanged) this.persist({})
    const effects = this.#effects
    if (effects.length > 0) this.#effects = nothing
    return effects
  }

  /** Changes term or vote; it is written with the step's next write. The mark of a restore stays. */
  setVote(vote: Pick<VoteState, 'term' | 'candidate'>): void {
    if (vote.term > this.term) {
      for (const inbound of this.receiving.keys()) this.emit({ type: 'abandon-snapshot', inbound })
    }
    this.#vote = { ...vote, provisional: this.#vote.provisional }
    this.#voteChanged = true
  }

  /** Marks a restore as not committed, or takes the mark back; it is written with the step's next write. */
  setProvisional(provisional: Position | undefined): void {
    this.#vote = { ...this.#vote, provisional }
    this.#voteChanged = true
  }

  /** Orders a write: the changed vote, if any, and what happened to the log, which the positions already show. */
  persist(change: LogChange, leaves = leftBy(change, this.log.lastIndex)): number {
    const write = this.outbox.issue(this.now, this.log.lastIndex, leaves)
    const vote = this.#voteChanged ? this.#vote : undefined
    const { deleteFrom, clear, entries } = change
    this.emit({ type: 'persist', write, vote, deleteFrom, clear, entries })
    if (vote !== undefined) {
      this.#voteChanged = false
      this.#voteWrite = write
    }
    return write
  }

  /** The number of the write that makes the present term and vote durable. */
  voteWrite(): number {
    return this.#voteChanged ? this.persist({}) : this.#voteWrite
  }

  /** The number of the write that makes the log durable through the index, and the present term with it. */
  logWrite(through: number): number {
    const vote = this.voteWrite()
    return through <= this.outbox.durableIndex ? vote : Math.max(vote, this.outbox.lastWrite)
  }

  /** Orders the effect now, or once the write is durable. */
  emitDurable(effect: Effect, write: number): void {
    if (!this.outbox.hold(effect, write)) this.emit(effect)
  }

  /** Replies once the present term is durable, or `write` if it is given. */
  reply(inbound: InboundID, message: ReplyMessage, write = this.voteWrite()): void {
    this.emitDurable({ type: 'reply', inbound, message }, write)
  }

  setSnapshot(snapshot: SnapshotPosition): void {
    this.#snapshot = snapshot
  }

  setLeader(leader: Peer | undefined): void {
    if (this.leader?.id === leader?.id && this.leader?.address === leader?.address) return
    this.leader = leader
    this.note({ name: 'leader-changed', leader })
  }

  /** Lets the FSM have what is both committed and durable here (design 2.3). */
  advanceApply(): void {
    const through = Math.min(this.commitIndex, this.outbox.durableIndex)
    if (through <= this.applyThrough) return
    this.applyThrough = through
    this.emit({ type: 'apply', through })
  }

  /** Notes a higher commit index, and the configurations that are committed with it. */
  setCommitIndex(index: number): void {
    const before = this.configurations.at(this.commitIndex).index
    this.commitIndex = index
    this.note({ name: 'commit-advanced', index })
    const now = this.configurations.at(index)
    if (now.index > before) this.note({ name: 'configuration-committed', ...now })
    this.advanceApply()
  }
}

/** The last entry that a write does not remove, of those that were stored before it. */
function leftBy(change: LogChange, lastIndex: number): number {
  if (change.clear === true) return lastIndex
  return change.deleteFrom === undefined ? Infinity : change.deleteFrom - 1
}
