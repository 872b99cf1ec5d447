import type { Note } from '../consensus/effects.ts'
import type { Clock } from '../interfaces/clock.ts'
import type { RaftState } from '../types/raft-state.ts'
import type { Context } from './context.ts'
import type { Leadership } from './leadership.ts'
import { noteTexts } from './note-texts.ts'
import type { Observers } from './observers.ts'
import type { Proposals } from './proposals.ts'

/** What making use of notes takes. */
export interface NotesOptions {
  readonly context: Context
  readonly observers: Observers
  readonly leadership: Leadership
  readonly proposals: Proposals
}

/** Turns what the state machine notes into log lines, observations and measurements. */
export class Notes {
  readonly #options: NotesOptions
  #state: RaftState = 'Follower'
  #leaderKnown = false
  #commitIndex = 0

  constructor(options: NotesOptions) {
    this.#options = options
  }

  take(note: Note): void {
    const { logger, meter } = this.#options.context
    // One for each commit on each server: there is nothing to look up.
    if (note.name === 'commit-advanced') return this.#measureCommit(note.index)
    const line = noteTexts[note.name]
    if (line !== undefined) logger[line.level](note, line.text)
    this.#observe(note)
    if (meter.active || note.name === 'state-changed') this.#measure(note)
  }

  /** The node ends: whoever watches it hears of it, in the order of Go. */
  stop(): void {
    const { observers, leadership } = this.#options
    if (this.#state === 'Leader') leadership.changed(false)
    if (this.#leaderKnown) observers.notify({ type: 'leader', leader: undefined })
    observers.notify({ type: 'state', state: 'Shutdown' })
    this.#state = 'Shutdown'
  }

  #observe(note: Note): void {
    const { observers } = this.#options
    switch (note.name) {
      case 'state-changed':
        return this.#onStateChanged(note.state)
      case 'leader-changed':
        this.#leaderKnown = note.leader !== undefined
        return observers.notify({ type: 'leader', leader: note.leader })
      case 'peer-added':
        return observers.notify({ type: 'peer', removed: false, peer: note.server })
      case 'peer-removed':
        return observers.notify({ type: 'peer', removed: true, peer: note.server })
      case 'heartbeat-failed': {
        const lastContact = dateOf(this.#options.context.clock, note.lastContact)
        return observers.notify({ type: 'failed-heartbeat', peerID: note.peer.id, lastContact })
      }
      case 'heartbeat-resumed':
        return observers.notify({ type: 'resumed-heartbeat', peerID: note.peer.id })
      default:
    }
  }

  #onStateChanged(state: RaftState): void {
    const before = this.#state
    this.#state = state
    this.#options.context.meter.counter(`raft.state.${state.toLowerCase()}`)
    this.#options.observers.notify({ type: 'state', state })
    if (state === 'Leader') this.#options.leadership.changed(true)
    else if (before === 'Leader') this.#options.leadership.changed(false)
  }

  #measure(note: Note): void {
    const { meter } = this.#options.context
    switch (note.name) {
      case 'heartbeat-timeout':
        return meter.counter('raft.transition.heartbeat_timeout')
      case 'lease-expired':
        return meter.counter('raft.transition.leader_lease_timeout')
      case 'leader-contact':
        return meter.sample('raft.leader.lastContact', note.age)
      case 'configuration-appended':
        if (this.#state === 'Leader') meter.gauge('raft.peers', note.configuration.servers.length)
        return
      default:
    }
  }

  #measureCommit(index: number): void {
    const { meter } = this.#options.context
    const { submitted } = this.#options.proposals
    const from = this.#commitIndex + 1
    this.#commitIndex = index
    if (!meter.active) return
    let count = 0
    submitted.forEach(from, index, (_, at) => {
      count += 1
      meter.timer('raft.commitTime', at)
    })
    if (this.#state === 'Leader') meter.gauge('raft.commitNumLogs', count)
  }
}

/** The date of a moment that is known by the node's clock. */
export function dateOf(clock: Clock, moment: number): Date {
  const { seconds, nanoseconds } = clock.wallTime()
  return new Date(seconds * 1_000 + nanoseconds / 1_000_000 - (clock.now() - moment))
}
