import type { Effect, EntrySource, IngestSnapshot, Reply, ReplyMessage } from '../../../src/consensus/effects.ts'
import type { Event, InboundID } from '../../../src/consensus/events.ts'
import { Consensus } from '../../../src/consensus/consensus.ts'
import type { Settings } from '../../../src/consensus/settings.ts'
import type { RaftError } from '../../../src/types/errors.ts'
import { LogType, type Position } from '../../../src/types/log.ts'
import type { Checker } from './checker.ts'
import { Disk, type Part, type StoredSnapshot, type Write } from './disk.ts'
import { type Entry, EntryList } from './entries.ts'
import { Fsm, nextState } from './fsm.ts'
import type { Inbound, Message, Request } from './messages.ts'
import { toEvent } from './to-event.ts'
import { toRequest } from './to-request.ts'

/** What the node around the rules takes from its surroundings. */
export interface Surroundings {
  readonly checker: Checker
  now(node: TestNode): number
  post(message: Unnumbered): void
  /** Whoever waits for an answer to it hears that there will be none. */
  fail(message: Message): void
  traced(node: TestNode, event: Event, effects: readonly Effect[]): void
}

type WithoutNumber<M> = M extends Message ? Omit<M, 'number'> : never
/** A message before it got its number. */
export type Unnumbered = WithoutNumber<Message>

/** A server: the rules, and the least of a node around them. Whatever takes time waits until it is told to finish. */
export class TestNode {
  readonly id: string
  settings: Settings
  disk = new Disk()
  /** Counts its starts. */
  life = 0
  /** Undefined while it is down. */
  consensus: Consensus | undefined
  /** The log as the node sees it: with what is not durable yet. */
  memory = new EntryList()
  writes: Write[] = []
  readonly inbounds = new Map<InboundID, Inbound>()
  readonly receiving = new Map<InboundID, StoredSnapshot>()
  /** The commands that wait for `persist`, by name. */
  queue: string[] = []
  /** The commands that were appended here and not answered yet. */
  proposals: { readonly id: string; readonly index: number }[] = []
  fsm = new Fsm()
  /** A snapshot of the own FSM that is being written. */
  ownSnapshot: StoredSnapshot | undefined
  /** The bytes that a caller gave are being stored; a snapshot is being removed. */
  ingesting: IngestSnapshot | undefined
  discarding: Position | undefined
  paused = false
  holdWrites = false
  holdApplies = false
  holdReceiving = false
  readonly random: () => number
  readonly #world: Surroundings
  #nextInbound = 1

  constructor(options: { id: string; settings: Settings; random: () => number; world: Surroundings }) {
    this.id = options.id
    this.settings = options.settings
    this.random = options.random
    this.#world = options.world
  }

  get up(): boolean {
    return this.consensus !== undefined
  }

  /** The rules; the node must be up. */
  get rules(): Consensus {
    if (this.consensus === undefined) throw new Error(`${this.id} is down`)
    return this.consensus
  }

  start(): void {
    this.life += 1
    const initial = this.disk.start()
    this.memory = new EntryList()
    for (const entry of this.disk.log.all) this.memory.append(entry)
    const snapshot = this.disk.newestSnapshot
    this.fsm = new Fsm(snapshot)
    this.consensus = new Consensus({
      settings: this.settings,
      initial,
      random: this.random,
      now: this.#world.now(this),
    })
    this.#world.checker.started(this)
  }

  /** Loses what is not durable. Of the writes that are open, the first `whole` were stored, and `part` of the next. */
  crash(options: { readonly whole?: number; readonly part?: Part } = {}): void {
    const { whole = 0, part = 'nothing' } = options
    for (const write of this.writes.slice(0, whole)) this.#store(write)
    const torn = this.writes[whole]
    if (torn !== undefined) this.#store(torn, part)
    this.consensus = undefined
    this.writes = []
    for (const { message } of this.inbounds.values()) this.#world.fail(message)
    this.inbounds.clear()
    this.receiving.clear()
    this.queue = []
    this.proposals = []
    this.ownSnapshot = undefined
    this.ingesting = undefined
    this.discarding = undefined
    this.paused = false
    this.#world.checker.crashed(this)
  }

  /** Takes the disk away: what comes back under its name is another server. */
  wipe(): void {
    if (this.up) this.crash()
    this.disk = new Disk()
    this.#world.checker.wiped(this)
  }

  /** Gives the rules one event and does what they order; then finishes what is not held. */
  step(event: Event): void {
    this.#stepOnce(event)
    this.finishWhatIsNotHeld()
  }

  finishWhatIsNotHeld(): void {
    for (let busy = true; busy && this.up;) {
      if (!this.holdWrites && this.writes.length > 0) this.finishWrites(this.writes.length)
      else if (!this.holdApplies && this.fsm.busy) this.finishFsmWork()
      else if (!this.holdReceiving && this.receiving.size > 0) this.finishReceiving()
      else if (!this.holdReceiving && this.ingesting !== undefined) this.finishIngesting()
      else if (!this.holdReceiving && this.discarding !== undefined) this.finishDiscarding()
      else busy = false
    }
  }

  /** The first `count` writes become durable; the node tells so once, as if it had joined them. */
  finishWrites(count: number): void {
    let newest: number | undefined
    for (const write of this.writes.splice(0, count)) {
      this.#store(write)
      newest = write.write ?? newest
    }
    if (newest !== undefined) this.#stepOnce({ type: 'persisted', write: newest })
  }

  /** Lets the FSM do its next piece of work, or only some entries of it. */
  finishFsmWork(entries = Infinity): void {
    if (!this.fsm.busy) return
    this.fsm.work(this, entries, (entry) => this.#applied(entry))
    this.#stepOnce({ type: 'applied', index: this.fsm.applied })
  }

  #applied(entry: Entry): void {
    const { checker } = this.#world
    checker.applied(this, entry)
    this.proposals = this.proposals.filter((proposal) => {
      if (proposal.index > entry.index) return true
      checker.callers.acknowledged(this, proposal, checker.committed[proposal.index]?.id)
      return false
    })
  }

  /** A snapshot that is coming in is durable now, or could not be received. */
  finishReceiving(error?: Error): void {
    const [first] = this.receiving
    if (first === undefined) return
    const [inbound, snapshot] = first
    this.receiving.delete(inbound)
    if (error === undefined) this.disk.snapshots.push(snapshot)
    this.#stepOnce({ type: 'snapshot-received', inbound, error })
  }

  /** What a caller gave is a durable and visible snapshot now, or could not be stored. */
  finishIngesting(error?: RaftError): void {
    const { ingesting } = this
    if (ingesting === undefined) return
    this.ingesting = undefined
    const { request, snapshot } = ingesting
    if (error === undefined)
      this.disk.snapshots.push({ position: snapshot, state: nextState(0, `restored@${snapshot.index}`) })
    this.#stepOnce({ type: 'restore-stored', request, error })
  }

  /** A snapshot that is not to count is gone. */
  finishDiscarding(): void {
    if (this.discarding === undefined) return
    this.disk.discard(this.discarding)
    this.discarding = undefined
    this.#stepOnce({ type: 'snapshot-discarded' })
  }

  /** Begins a snapshot of the own FSM, as it is now. */
  beginSnapshot(): boolean {
    const index = this.fsm.applied
    if (index === 0 || index <= this.rules.snapshot.index || this.ownSnapshot !== undefined) return false
    const { configuration, index: configurationIndex } = this.rules.configurationAt(index)
    const term = this.rules.termAt(index)
    if (term === undefined) throw new Error(`${this.id} does not know the term of ${index}, which it has applied`)
    this.ownSnapshot = { position: { index, term, configuration, configurationIndex }, state: this.fsm.state }
    return true
  }

  /** The own snapshot becomes durable. */
  finishSnapshot(): void {
    const snapshot = this.ownSnapshot
    if (snapshot === undefined) return
    this.ownSnapshot = undefined
    this.disk.snapshots.push(snapshot)
    this.step({ type: 'snapshot-taken', snapshot: snapshot.position })
  }

  /** A request has come in. */
  receive(message: Message & { readonly type: 'request' }): void {
    const inbound = this.#nextInbound
    this.#nextInbound += 1
    this.inbounds.set(inbound, { inbound, message })
    this.step(toEvent(inbound, message, this.settings.protocolVersion))
  }

  propose(ids: readonly string[]): void {
    this.queue.push(...ids)
    this.step({ type: 'proposed', count: ids.length })
  }

  #store(write: Write, part: Part = 'everything'): void {
    this.#world.checker.removed(this, this.disk.store(write, part))
  }

  #stepOnce(event: Event): void {
    const { checker } = this.#world
    const now = this.#world.now(this)
    const before = checker.before(this, now)
    const effects = this.rules.step(now, event)
    this.#world.traced(this, event, effects)
    checker.ruled(this, before)
    for (const effect of effects) this.#perform(effect)
    checker.after(this, event, effects, before)
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'persist':
        return this.#persist(effect.write, effect)
      case 'compact':
        this.memory.compactThrough(effect.through)
        this.writes.push({ compact: effect.through })
        return
      case 'apply':
        return this.fsm.apply(effect.through)
      case 'receive-snapshot':
        return this.#receiveSnapshot(effect.inbound)
      case 'abandon-snapshot':
        return // Its last byte may have come already.
      case 'drop-snapshot':
        return this.disk.discard(effect.snapshot)
      case 'restore-snapshot':
        // The running snapshot ends: its state is about to be replaced.
        this.ownSnapshot = undefined
        return this.fsm.restore(effect.snapshot)
      case 'reply':
        return this.#reply(effect)
      case 'ingest-snapshot':
        this.ingesting = effect
        return
      case 'discard-snapshot':
        this.discarding = effect.snapshot
        return
      case 'abort-proposals':
        this.proposals = this.proposals.filter(({ index }) => index <= effect.commitIndex)
        return
      case 'refuse-proposals':
        this.queue.splice(-effect.count, effect.count)
        return
      case 'leadership-lost':
        this.proposals = this.proposals.filter(({ index }) => index <= effect.commitIndex)
        return
      case 'answer':
        return this.#world.checker.callers.answered(this, effect)
      case 'removed':
      case 'note':
        return
      default: {
        const request = toRequest(this, effect)
        this.#world.checker.messages.sent(this, request)
        this.#send(effect.to.id, effect.call, request)
      }
    }
  }

  #persist(write: number, effect: Effect & { readonly type: 'persist' }): void {
    const entries = effect.entries === undefined ? [] : this.#entriesOf(effect.entries)
    if (effect.clear === true) this.memory.clear()
    if (effect.deleteFrom !== undefined) {
      this.#world.checker.truncates(this, effect.deleteFrom)
      this.memory.truncateFrom(effect.deleteFrom)
    }
    for (const entry of entries) {
      this.#world.checker.appends(this, entry)
      this.memory.append(entry)
    }
    const { vote, deleteFrom, clear } = effect
    this.writes.push({ write, vote, deleteFrom, clear, entries })
  }

  #entriesOf(source: EntrySource): readonly Entry[] {
    switch (source.from) {
      case 'queue': {
        const { first, count, term } = source
        const ids = this.queue.splice(0, count)
        if (ids.length !== count) throw new Error(`${this.id} has no ${count} commands in its queue`)
        const entries = ids.map((id, at) => ({ index: first + at, term, type: LogType.Command, id }))
        this.proposals.push(...entries.map(({ id, index }) => ({ id, index })))
        return entries
      }
      case 'leader':
      case 'bootstrap':
        return source.entries.map((entry) => ({
          ...entry,
          id: `${entry.configuration === undefined ? 'noop' : 'config'}@${entry.index}/${entry.term}`,
        }))
      case 'request': {
        const request = this.inbounds.get(source.inbound)?.message.request
        if (request?.kind !== 'append') throw new Error(`${this.id} has no entries of request ${source.inbound}`)
        return request.entries.slice(source.skip)
      }
    }
  }

  #receiveSnapshot(inbound: InboundID): void {
    const request = this.inbounds.get(inbound)?.message.request
    if (request?.kind !== 'install') throw new Error(`${this.id} has no snapshot of request ${inbound}`)
    this.receiving.set(inbound, request.snapshot)
  }

  #reply(effect: Reply): void {
    const known = this.inbounds.get(effect.inbound)
    if (known === undefined) throw new Error(`${this.id} replies twice, or to nobody: ${effect.inbound}`)
    this.inbounds.delete(effect.inbound)
    const { message } = known
    this.#world.checker.messages.replies(this, message, effect.message)
    this.respond(message, effect.message, effect.error)
  }

  /** Sends the answer to a request. The copy of one goes unanswered: the connection has had its answer. */
  respond(to: Message & { readonly type: 'request' }, message: ReplyMessage | undefined, error?: Error): void {
    if (to.copy === true) return
    const { call, life, request } = to
    this.#world.post({ from: this.id, to: to.from, life, call, type: 'response', request, message, error })
  }

  #send(to: string, call: number, request: Request): void {
    this.#world.post({ from: this.id, to, life: this.life, call, type: 'request', request })
  }
}
