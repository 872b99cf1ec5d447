import type { Note } from '../consensus/effects.ts'
import type { LogStore } from '../interfaces/log-store.ts'
import type { RPC } from '../interfaces/transport.ts'
import type { Config } from '../types/config.ts'
import type { Context } from './context.ts'
import { Leadership } from './leadership.ts'
import { Notes } from './notes.ts'
import type { ObservedNode } from './observation.ts'
import { OldestLogAge } from './oldest-log-age.ts'
import { Observers } from './observers.ts'
import type { Proposals } from './proposals.ts'

/** What telling others about the node takes. */
export interface WatchersOptions {
  readonly context: Context
  readonly config: Config
  readonly self: ObservedNode
  readonly proposals: Proposals
  readonly logs: LogStore
  /** Makes the node wait until the function that it returns is called. */
  readonly hold: () => () => void
}

/** Everybody who is told what happens to the node. */
export class Watchers {
  readonly observers: Observers
  readonly leadership: Leadership
  readonly #notes: Notes
  readonly #oldestLogAge: OldestLogAge

  constructor({ context, config, self, proposals, logs, hold }: WatchersOptions) {
    this.observers = new Observers(self, hold)
    this.leadership = new Leadership(config.notify, context.logger)
    const { observers, leadership } = this
    this.#notes = new Notes({ context, observers, leadership, proposals })
    this.#oldestLogAge = new OldestLogAge(context, logs)
  }

  note(note: Note): void {
    this.#notes.take(note)
    if (note.name !== 'state-changed') return
    if (note.state === 'Leader') this.#oldestLogAge.start()
    else this.#oldestLogAge.stop()
  }

  /** A request for a vote or a pre-vote came in. */
  asked(rpc: RPC<'requestVote'> | RPC<'requestPreVote'>): void {
    if (rpc.type === 'requestVote') this.observers.notify({ type: 'request-vote', request: rpc.command })
    else this.observers.notify({ type: 'request-pre-vote', request: rpc.command })
  }

  /** The node ends: the last that is seen of it. */
  stop(failure: Error | undefined): void {
    this.#oldestLogAge.stop()
    if (failure !== undefined) this.observers.notify({ type: 'failure', error: failure })
    this.#notes.stop()
    this.leadership.close()
    this.observers.close()
  }
}
