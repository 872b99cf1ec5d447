import type { Random } from '../types/random.ts'
import type { IndexedConfiguration } from '../types/configuration.ts'
import type { Peer } from '../types/identity.ts'
import type { Position } from '../types/log.ts'
import type { RaftState } from '../types/raft-state.ts'
import { advance } from './advance.ts'
import { onAppendAnswered, onCallFailed, onInstallAnswered } from './answers.ts'
import { onBootstrapAsked, onChangeAsked, withdrawChange } from './changes.ts'
import { Core } from './core.ts'
import type { Effect } from './effects.ts'
import { onOwnVoteDurable, onPreVoteAnswered, onTimeoutNow, onVoteAnswered } from './election.ts'
import type { Event, Persisted, RequestID } from './events.ts'
import { onAppendRequested } from './following.ts'
import type { InitialState } from './initial-state.ts'
import type { TermRun } from './log-positions.ts'
import { onApplied, onProposed } from './leading.ts'
import { onReadAsked } from './reads.ts'
import { slowest } from './replication.ts'
import { onRestoreAsked, onRestoreStored } from './restoring.ts'
import type { Leader, Role } from './roles.ts'
import type { Settings } from './settings.ts'
import { onInstallRequested, onRestored, onSnapshotReceived, onSnapshotTaken } from './snapshots.ts'
import { deadlineOf, onElapsed, onPause, onSettingsChanged } from './timers.ts'
import { onTimeoutNowAnswered, onTimeoutNowFailed, onTransferAsked } from './transfer.ts'
import type { VoteState } from './vote-state.ts'
import { onPreVoteRequested, onVoteRequested } from './voting.ts'

/**
 * The rules of Raft as one deterministic state machine: an event goes in, effects come out. It never waits, reads no
 * clock, draws only from the generator it was given, and keeps positions, never payloads. The node carries the effects
 * out in order; what takes time comes back as another event (design, chapter 2).
 */
export class Consensus {
  readonly #core: Core
  #deadline: number

  /** `initial` is what the disk holds; `now` is the clock's time, in milliseconds. */
  constructor(options: { settings: Settings; initial: InitialState; random: Random; now: number }) {
    this.#core = new Core(options)
    this.#deadline = deadlineOf(this.#core)
  }

  /** Takes an event that happened at `now` and returns what is to be done, in order. */
  step(now: number, event: Event): readonly Effect[] {
    const core = this.#core
    // An event that comes long after the deadline shows that the node did not run: its timers say nothing of others.
    const late = now - this.#deadline
    core.now = Math.max(now, core.now)
    if (late > core.settings.heartbeatTimeout / 2) onPause(core, late)
    handle(core, event)
    if (core.role.kind === 'leader') advance(core, core.role)
    const effects = core.takeEffects()
    this.#deadline = deadlineOf(core)
    return effects
  }

  /** When to send `elapsed`, on the clock of `now`; Infinity for never. */
  get deadline(): number {
    return this.#deadline
  }

  get settings(): Settings {
    return this.#core.settings
  }

  get state(): RaftState {
    // Asked for each command, and a comparison is quicker than a table.
    const { kind } = this.#core.role
    if (kind === 'leader') return 'Leader'
    return kind === 'follower' ? 'Follower' : 'Candidate'
  }

  get term(): number {
    return this.#core.term
  }

  get vote(): VoteState {
    return this.#core.vote
  }

  /** The leader of the term, if it is known. */
  get leader(): Peer | undefined {
    return this.#core.leader
  }

  /** When the leader was last heard, on the clock of `now`. */
  get lastContact(): number | undefined {
    return this.#core.lastContact
  }

  get firstIndex(): number {
    return this.#core.log.firstIndex
  }

  get lastIndex(): number {
    return this.#core.log.lastIndex
  }

  get lastTerm(): number {
    return this.#core.log.lastTerm
  }

  /** The last entry that is durable on this server's own disk. */
  get durableIndex(): number {
    return this.#core.outbox.durableIndex
  }

  get commitIndex(): number {
    return this.#core.commitIndex
  }

  get appliedIndex(): number {
    return this.#core.appliedIndex
  }

  /** The last entry that the FSM has applied, and that the servers confirmed to which entries flow. */
  get doneIndex(): number {
    const { role, appliedIndex } = this.#core
    return role.kind === 'leader' ? slowest(role, appliedIndex) : appliedIndex
  }

  /** The last entry that the newest snapshot includes; index 0 without one. */
  get snapshot(): Position {
    return this.#core.log.base
  }

  /** Whether a snapshot at the position is of this log, as far as that is known. */
  includes(position: Position): boolean {
    const { log } = this.#core
    return position.index <= log.lastIndex && !log.contradicts(position)
  }

  /** The term of the entry at the index; undefined if it is not known. */
  termAt(index: number): number | undefined {
    return this.#core.log.termAt(index)
  }

  /** The terms of the entries `from` through `through`, as ascending runs; of none that is not held. */
  termsBetween(from: number, through: number): readonly TermRun[] {
    const { log } = this.#core
    return from < log.firstIndex ? [] : log.runsBetween(from, through)
  }

  /** The newest configuration, committed or not. */
  get latestConfiguration(): IndexedConfiguration {
    return this.#core.configurations.latest
  }

  /** The newest configuration that is committed. */
  get committedConfiguration(): IndexedConfiguration {
    return this.#core.configurations.at(this.#core.commitIndex)
  }

  /** The configuration in force at the index. */
  configurationAt(index: number): IndexedConfiguration {
    return this.#core.configurations.at(index)
  }

  /** A leadership transfer is under way. */
  get transferring(): boolean {
    return this.#core.role.kind === 'leader' && this.#core.role.transfer !== undefined
  }

  /** A change of the configuration that was asked for still stands in line: nothing has come of it yet. */
  isInLine(request: RequestID): boolean {
    const { role } = this.#core
    return role.kind === 'leader' && role.changes.some((change) => change.request === request)
  }

  /** A caller's state is on its way in: it is being stored, or in force and not committed. */
  get isReplaced(): boolean {
    const { role } = this.#core
    return this.restoring || (role.kind === 'leader' && role.restore !== undefined)
  }

  /** A user restore is in force here, and not committed yet. */
  get restoring(): boolean {
    return this.#core.restored !== undefined
  }

  /** What the role keeps: for tests, checkers and tools, which must not change it. */
  get role(): Readonly<Role> {
    return this.#core.role
  }
}

function handle(core: Core, event: Event): void {
  switch (event.type) {
    case 'elapsed':
      return onElapsed(core)
    case 'persisted':
      return onPersisted(core, event)
    case 'applied':
      onApplied(core, event)
      return onRestored(core, event.index)
    case 'proposed':
      return onProposed(core, event)
    case 'read-asked':
      return onReadAsked(core, event)
    case 'change-asked':
      return onChangeAsked(core, event)
    case 'transfer-asked':
      return onTransferAsked(core, event)
    case 'bootstrap-asked':
      return onBootstrapAsked(core, event)
    case 'restore-asked':
      return onRestoreAsked(core, event)
    case 'restore-stored':
      return onRestoreStored(core, event)
    case 'snapshot-discarded':
      return core.setProvisional(undefined)
    case 'withdrawn':
      return onWithdrawn(core, event.request)
    case 'settings-changed':
      return onSettingsChanged(core, event.settings)
    case 'append-requested':
      return onAppendRequested(core, event)
    case 'vote-requested':
      return onVoteRequested(core, event)
    case 'pre-vote-requested':
      return onPreVoteRequested(core, event)
    case 'timeout-now-requested':
      return onTimeoutNow(core, event)
    case 'install-requested':
      return onInstallRequested(core, event)
    case 'snapshot-received':
      return onSnapshotReceived(core, event)
    case 'snapshot-taken':
      return onSnapshotTaken(core, event)
    case 'vote-answered':
      return onVoteAnswered(core, event)
    case 'pre-vote-answered':
      return onPreVoteAnswered(core, event)
    case 'append-answered':
    case 'install-answered':
    case 'timeout-now-answered':
    case 'call-failed':
      if (core.role.kind === 'leader') handleAnswer(core, core.role, event)
  }
}

type AnswerEvent = Extract<
  Event,
  { readonly type: 'append-answered' | 'install-answered' | 'timeout-now-answered' | 'call-failed' }
>

/** What peers answer to a leader. Only what it asked in this leadership counts. */
function handleAnswer(core: Core, leader: Leader, event: AnswerEvent): void {
  switch (event.type) {
    case 'append-answered':
      return onAppendAnswered(core, leader, event)
    case 'install-answered':
      return onInstallAnswered(core, leader, event)
    case 'timeout-now-answered':
      return onTimeoutNowAnswered(core, leader, event.call)
    case 'call-failed':
      if (!onTimeoutNowFailed(core, leader, event)) onCallFailed(core, leader, event)
  }
}

function onPersisted(core: Core, event: Persisted): void {
  for (const effect of core.outbox.settle(event.write, core.now)) core.emit(effect)
  core.advanceApply()
  onOwnVoteDurable(core)
}

function onWithdrawn(core: Core, request: RequestID): void {
  const waiter = core.entryWaiters.findIndex((other) => other.request === request)
  if (waiter >= 0) core.entryWaiters.splice(waiter, 1)
  if (core.role.kind !== 'leader') return
  core.role.reads = core.role.reads.filter((read) => read.request !== request)
  withdrawChange(core.role, request)
}
