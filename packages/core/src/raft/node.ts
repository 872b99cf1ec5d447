import { Consensus } from '../consensus/consensus.ts'
import type { Effect, EntrySource, Note } from '../consensus/effects.ts'
import type { Event } from '../consensus/events.ts'
import type { Settings } from '../consensus/settings.ts'
import type { Config, ReloadableConfig } from '../types/config.ts'
import { RaftShutdownError } from '../types/errors.ts'
import type { Log } from '../types/log.ts'
import { Alarm } from './alarm.ts'
import { Callers } from './callers.ts'
import { closeParts } from './closing.ts'
import type { Context } from './context.ts'
import { Disk } from './disk.ts'
import { makeEntry } from './entries.ts'
import type { FoundState } from './found-state.ts'
import { allowInspection } from './inspect.ts'
import { Loop } from './loop.ts'
import { Meter } from './meter.ts'
import { Network } from './network.ts'
import type { ObservedNode } from './observation.ts'
import type { Parts } from './parts.ts'
import { asError } from './settle.ts'
import { Saturation } from './saturation.ts'
import { StateKeeping } from './state-keeping.ts'
import { Watchers } from './watchers.ts'

/**
 * Everything around the state machine: it turns what happens into events, and effects into what is done. Nothing here
 * waits inside the loop; what takes time comes back as another event.
 */
export class Node {
  readonly parts: Parts
  readonly consensus: Consensus
  readonly context: Context
  readonly callers: Callers
  readonly watchers: Watchers
  readonly keeping: StateKeeping
  #config: Config
  readonly #loop: Loop
  readonly #alarm: Alarm
  readonly #disk: Disk
  readonly #network: Network
  /** This server is no longer a member, and that is committed. */
  #removed = false
  #failure: Error | undefined
  #stopping: Promise<void> | undefined

  constructor(parts: Parts, found: FoundState, self: ObservedNode) {
    this.parts = parts
    this.#config = parts.config
    const { clock, random, logger, config } = parts
    const meter = new Meter(parts.metrics, clock)
    const post = (event: Event): void => this.#loop.post(event)
    const later = (task: () => void): void => this.#loop.later(task)
    const afterwards = (task: () => void): void => this.#loop.afterwards(task)
    const fail = (error: Error): void => this.fail(error)
    const context = { clock, random, logger, meter, post, later, afterwards, fail }
    this.context = context
    const settings = settingsOf(parts)
    const consensus = new Consensus({ settings, initial: found.initial, random, now: clock.now() })
    this.consensus = consensus
    allowInspection(self, consensus)
    this.#loop = new Loop({
      machine: consensus,
      clock,
      saturation: new Saturation('raft.thread.main.saturation', meter, clock),
      perform: (effect) => this.#perform(effect),
      settled: () => this.#onSettled(),
      failed: (error) => this.fail(asError(error)),
    })
    this.#alarm = new Alarm({
      clock,
      patience: () => this.#config.heartbeatTimeout / 2,
      deadline: () => consensus.deadline,
      ring: () => post({ type: 'elapsed' }),
    })
    this.callers = new Callers(context, config)
    const { proposals } = this.callers
    const hold = (): (() => void) => this.#loop.hold()
    this.watchers = new Watchers({ context, config, self, proposals, logs: parts.logs, hold })
    this.#disk = new Disk(context, parts, found)
    const { reader } = this.#disk
    const settingsNow = (): ReloadableConfig => this.#config
    this.keeping = new StateKeeping({
      context,
      parts,
      reader,
      callers: this.callers,
      known: consensus,
      settings: settingsNow,
    })
    this.#network = new Network({
      context,
      parts,
      reader,
      settings,
      latestConfiguration: () => consensus.latestConfiguration.configuration,
      isOfLog: (position) => consensus.includes(position),
      asked: (rpc) => this.watchers.asked(rpc),
    })
  }

  /** What the node runs with at present. */
  get config(): Config {
    return this.#config
  }

  /** What stopped the node, if it stopped itself. */
  get failure(): Error | undefined {
    return this.#failure
  }

  get isStopped(): boolean {
    return this.#stopping !== undefined
  }

  /** Begins to take part. */
  start(): void {
    this.context.meter.counter('raft.state.follower')
    this.#network.open()
    this.keeping.snapshotter.start()
    this.#alarm.refresh()
  }

  /** Takes over changed settings, already validated. */
  reload(config: Config): void {
    this.#config = config
    this.context.post({ type: 'settings-changed', settings: settingsOf({ ...this.parts, config }) })
  }

  /** Stops the node because it cannot go on. */
  fail(error: Error): void {
    if (this.#stopping !== undefined) return
    this.#failure = error
    this.context.logger.error({ error }, 'the node stops itself')
    void this.stop()
  }

  /** Stops the node, in order; never rejects. Everybody gets the same promise. */
  stop(): Promise<void> {
    if (this.#stopping !== undefined) return this.#stopping
    // Set before anything is told: whoever is told may call this again.
    let stopped = (): void => undefined
    this.#stopping = new Promise((resolve) => {
      stopped = resolve
    })
    this.#loop.stop()
    this.#alarm.stop()
    this.callers.stop(this.#failure)
    this.#network.stop(new RaftShutdownError())
    this.watchers.stop(this.#failure)
    const open = [this.#disk.stop(), this.keeping.stop()]
    void closeParts(this.parts, open).then(stopped)
    return this.#stopping
  }

  #onSettled(): void {
    this.#alarm.refresh()
    const { durableIndex, doneIndex } = this.consensus
    this.#disk.trim({ durable: durableIndex, done: doneIndex })
    this.#network.tidy()
    if (this.#removed) this.#leave()
  }

  /** Stops, if it is to, once everything committed is applied, so that its callers, the one who removed it too, are answered. */
  #leave(): void {
    const { appliedIndex, commitIndex } = this.consensus
    if (appliedIndex < commitIndex) return
    this.#removed = false
    if (this.#config.shutdownOnRemove) void this.stop()
  }

  /** Begins one effect and waits for nothing. */
  #perform(effect: Effect): void {
    const { applier, receiver, ingester, restorer } = this.keeping
    const { peers, inbound } = this.#network
    switch (effect.type) {
      case 'persist':
        return this.#disk.persist(effect, this.#logsOf(effect.entries)) // Comes back as `persisted`.
      case 'compact':
        return this.#disk.compact(effect.through)
      case 'apply':
        return applier.advance(effect.through, this.#applyMetric) // Comes back as `applied`.
      case 'receive-snapshot':
        return receiver.receive(effect.inbound, effect.snapshot, inbound.installOf(effect.inbound))
      case 'abandon-snapshot':
        return receiver.abandon(effect.inbound)
      case 'drop-snapshot':
        return receiver.drop(effect.inbound)
      case 'restore-snapshot':
        return restorer.restore(effect) // Comes back as `applied`.
      case 'ingest-snapshot':
        return ingester.ingest(effect) // Comes back as `restore-stored`.
      case 'discard-snapshot':
        return ingester.discard(effect) // Comes back as `snapshot-discarded`.
      case 'replicate':
        return peers.replicate(effect)
      case 'heartbeat':
        return peers.heartbeat(effect)
      case 'send-snapshot':
        return peers.sendSnapshot(effect)
      case 'request-vote':
        return peers.requestVote(effect)
      case 'request-pre-vote':
        return peers.requestPreVote(effect)
      case 'timeout-now':
        return peers.timeoutNow(effect)
      case 'reply':
        return inbound.reply(effect)
      case 'refuse-proposals':
        return this.callers.proposals.refuse(effect.count, effect.error)
      case 'abort-proposals':
        return this.callers.proposals.abortAfter(effect.commitIndex)
      case 'leadership-lost':
        this.callers.proposals.loseAfter(effect.commitIndex)
        return peers.reset()
      case 'answer':
        ingester.forget(effect.request)
        return this.callers.waiters.answer(effect)
      case 'removed':
        this.#removed = true
        return
      case 'note':
        return this.#note(effect.note)
    }
  }

  /** What the way of entries to the FSM is called, on a leader and elsewhere. */
  get #applyMetric(): string {
    return this.consensus.state === 'Leader' ? 'raft.fsm.enqueue' : 'raft.rpc.appendEntries.processLogs'
  }

  #note(note: Note): void {
    if (note.name === 'state-changed') this.#network.refreshHeader()
    else if (note.name === 'peer-removed') this.#network.noteDeparture()
    this.watchers.note(note)
  }

  /** The entries of a write, from wherever they come. */
  #logsOf(source: EntrySource | undefined): readonly Log[] {
    if (source === undefined) return []
    const { clock, meter } = this.context
    const { transport } = this.parts
    switch (source.from) {
      case 'queue': {
        const begun = meter.begin()
        const logs = this.callers.proposals.submit(source, begun, clock.wallTime())
        meter.gauge('raft.leader.dispatchNumLogs', logs.length)
        meter.timer('raft.leader.dispatchLog', begun)
        return logs
      }
      case 'leader': {
        const appendedAt = clock.wallTime()
        return source.entries.map((entry) => makeEntry(entry, transport, appendedAt))
      }
      case 'bootstrap':
        return source.entries.map((entry) => makeEntry(entry, transport))
      case 'request':
        return this.#network.inbound.entriesOf(source.inbound, source.skip)
    }
  }
}

/** What the rules need to know of how the node is set up. */
export function settingsOf({ config, transport, logs, snapshots }: Parts): Settings {
  return {
    self: { id: config.localID, address: transport.localAddress },
    protocolVersion: config.protocolVersion,
    heartbeatTimeout: config.heartbeatTimeout,
    electionTimeout: config.electionTimeout,
    commitTimeout: config.commitTimeout,
    leaderLeaseTimeout: config.leaderLeaseTimeout,
    maxAppendEntries: config.maxAppendEntries,
    trailingLogs: config.trailingLogs,
    preVote: !config.preVoteDisabled && transport.requestPreVote !== undefined,
    toleratesGaps: logs.capabilities?.monotonic !== true,
    removesSnapshots: snapshots.remove !== undefined,
  }
}
