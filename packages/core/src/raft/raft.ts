import type { SnapshotMeta } from '../interfaces/snapshot-store.ts'
import { cloneConfiguration, type Configuration, ConfigurationChangeCommand } from '../types/configuration.ts'
import type { Config, ReloadableConfig } from '../types/config.ts'
import { CommandTooLargeError } from '../types/errors.ts'
import type { Peer, ServerAddress, ServerID } from '../types/identity.ts'
import { type Log, LogType } from '../types/log.ts'
import type { RaftState } from '../types/raft-state.ts'
import { BytePool } from '../wire/byte-pool.ts'
import type { FoundState } from './found-state.ts'
import { Node } from './node.ts'
import { dateOf } from './notes.ts'
import type { FilterFn, Observation } from './observation.ts'
import type { Observer } from './observer.ts'
import type { RaftOptions } from './options.ts'
import type { Parts } from './parts.ts'
import { Proposal } from './proposal.ts'
import { Requests } from './requests.ts'
import type {
  ApplyResult,
  CallOptions,
  ChangeOptions,
  ConfigurationResult,
  IndexResult,
  SignalOption,
  SnapshotResult,
} from './results.ts'
import { checkConfig, checkContracts, findStateFor, partsOf } from './start.ts'
import { type Stats, statsOf } from './stats.ts'
import { validateConfig } from './validate-config.ts'

const noOptions: CallOptions = Object.freeze({})

/**
 * One server of a cluster: it keeps a log that is the same on all servers and applies it to an FSM. Start it with
 * `Raft.start`, end it with `shutdown` or `await using`.
 *
 * Methods that return a promise never throw; they reject with a `RaftError`. One that ends a command says by `outcome`
 * whether the command certainly did not happen (`rejected`), or may have happened or yet happen (`unknown`). A `signal`
 * always ends the whole wait, with `AbortedError`. Once the node is shut down everything rejects with
 * `RaftShutdownError`, whose `cause` is what stopped the node if it stopped itself. All of them may run at the same time.
 *
 * @typeParam R What the FSM's `apply` answers.
 */
export class Raft<R = unknown> {
  readonly #node: Node
  readonly #requests: Requests
  readonly #pool = new BytePool()

  private constructor(parts: Parts, found: FoundState) {
    this.#node = new Node(parts, found, this)
    this.#requests = new Requests(this.#node)
  }

  /**
   * Starts a node on what its stores hold (`NewRaft`): restores the newest snapshot into the FSM, reads the log, and
   * takes part from then on. Rejects with `InvalidConfigError`, `StartError`, `CorruptError` or `StoreError`; a failed
   * start closes nothing that it was given.
   */
  static async start<R = unknown>(options: RaftOptions<R>): Promise<Raft<R>> {
    checkContracts(options)
    checkConfig(options.config, options.transport)
    const parts = partsOf(options)
    const raft = new Raft<R>(parts, await findStateFor(parts))
    raft.#node.start()
    return raft
  }

  /**
   * Puts a command into the log and applies it to the FSM of every server. Resolves once it is applied on this one, with
   * what the FSM answered. Only the leader takes commands.
   *
   * `timeout` bounds the wait to be queued alone: it matters while more than `maxPendingBytes` are under way. The command
   * is copied before this returns. Rejects with outcome `rejected`: `NotLeaderError`, `LeadershipTransferInProgressError`,
   * `CommandTooLargeError`, `EnqueueTimeoutError`; with outcome `unknown`: `LeadershipLostError`, `AbortedByRestoreError`;
   * with either: `AbortedError`, `RaftShutdownError`.
   */
  apply(command: Uint8Array, options: CallOptions = noOptions): Promise<ApplyResult<R>> {
    if (!(command instanceof Uint8Array)) return Promise.reject(new TypeError('a command is a Uint8Array'))
    return this.#propose(command, undefined, options)
  }

  /** As `apply`, with the opaque `extensions` of a middleware. Without `data` the FSM gets an entry that has none. */
  applyLog({ data, extensions }: Pick<Log, 'data' | 'extensions'>, options?: CallOptions): Promise<ApplyResult<R>> {
    return this.#propose(data, extensions, options ?? noOptions)
  }

  /**
   * Resolves once everything that was committed before is applied on this node. It is an entry of the log; for a read
   * `read` is cheaper. Rejects as `apply` does.
   */
  async barrier(options: CallOptions = {}): Promise<void> {
    this.#node.context.meter.counter('raft.barrier')
    const refusal = this.#requests.refusal(options)
    if (refusal !== undefined) throw refusal
    const proposal = new Proposal(LogType.Barrier, undefined, undefined)
    this.#node.callers.proposals.add(proposal, options)
    await proposal.promise
  }

  /**
   * Resolves once a majority of the voters has confirmed that this node still led after this was called. Rejects with
   * `NotLeaderError` or `LeadershipLostError` if it does not, or no longer.
   */
  async verifyLeader(options: SignalOption = {}): Promise<void> {
    this.#node.context.meter.counter('raft.verify_leader')
    await this.#requests.confirm(false, options)
  }

  /**
   * Runs `fn` on the leader once its FSM holds everything that was committed when this was called: what `fn` reads is
   * linearizable. Costs one round of heartbeats and no entry. Rejects as `verifyLeader` does, or as `fn` does.
   */
  async read<T>(fn: () => T | PromiseLike<T>, options: SignalOption = {}): Promise<T> {
    await this.#requests.confirm(true, options)
    return fn()
  }

  /** The newest configuration that this node knows, committed or not, and its index. Throws once the node is shut down. */
  getConfiguration(): ConfigurationResult {
    if (this.#node.isStopped) throw this.#requests.shutdownError()
    const { configuration, index } = this.#node.consensus.latestConfiguration
    return { configuration: cloneConfiguration(configuration), index }
  }

  /**
   * Makes a server a voter, or changes a voter's address. At protocol version 3 a new one is staging first: it receives
   * the log, and the leader promotes it once it has caught up; the index is that of the promotion. A server that cannot
   * be reached stays staging until `signal` ends the wait, or it is removed. Rejects with `ConfigurationError` if the
   * change is not allowed or was undone, and as `apply` does; `timeout` bounds the wait for earlier changes to end.
   */
  addVoter(id: ServerID, address: ServerAddress, options: ChangeOptions = {}): Promise<IndexResult> {
    return this.#change(ConfigurationChangeCommand.AddVoter, { id, address }, options)
  }

  /** Makes a server a member without a vote, or changes a member's address. A voter keeps its vote. As `addVoter`. */
  addNonvoter(id: ServerID, address: ServerAddress, options: ChangeOptions = {}): Promise<IndexResult> {
    return this.#change(ConfigurationChangeCommand.AddNonvoter, { id, address }, options)
  }

  /** Takes a member's vote, or takes back staging. As `addVoter`. */
  demoteVoter(id: ServerID, options: ChangeOptions = {}): Promise<IndexResult> {
    return this.#change(ConfigurationChangeCommand.DemoteVoter, { id, address: '' }, options)
  }

  /** Takes a server out. A leader that takes itself out stops once that is committed (`shutdownOnRemove`). As `addVoter`. */
  removeServer(id: ServerID, options: ChangeOptions = {}): Promise<IndexResult> {
    return this.#change(ConfigurationChangeCommand.RemoveServer, { id, address: '' }, options)
  }

  /** @deprecated Use `addVoter`. Only below protocol version 3, where a server's ID is its address. */
  async addPeer(address: ServerAddress): Promise<void> {
    await this.#requests.changePeer(ConfigurationChangeCommand.AddVoter, address)
  }

  /** @deprecated Use `removeServer`. Only below protocol version 3, where a server's ID is its address. */
  async removePeer(address: ServerAddress): Promise<void> {
    await this.#requests.changePeer(ConfigurationChangeCommand.RemoveServer, address)
  }

  /**
   * Gives a node without any state the first configuration of its cluster. Resolves once that is durable here. Rejects
   * with `NotVoterError` if it gives this node no vote, `CantBootstrapError` if there is state, `ConfigurationError`.
   */
  async bootstrapCluster(configuration: Configuration): Promise<void> {
    await this.#requests.bootstrap(cloneConfiguration(configuration))
  }

  /**
   * Hands leadership to the voter that is most up to date. Resolves once this node no longer leads, which says nothing
   * of who does. Nothing is accepted meanwhile. Rejects with `LeadershipTransferError` if it still leads in the end.
   */
  leadershipTransfer(options: SignalOption = {}): Promise<void> {
    return this.#requests.transfer(undefined, options)
  }

  /** As `leadershipTransfer`, to a voter of the caller's choice. */
  leadershipTransferToServer(id: ServerID, address: ServerAddress, options: SignalOption = {}): Promise<void> {
    return this.#requests.transfer({ id, address }, options)
  }

  /**
   * Takes a snapshot of the FSM and compacts the log. Rejects with `NothingNewToSnapshotError` if nothing was applied
   * since the last one, or `SnapshotError`: then there is no snapshot, and the log is kept.
   */
  snapshot(): Promise<SnapshotResult> {
    if (this.#node.isStopped) return Promise.reject(this.#requests.shutdownError())
    return this.#node.keeping.snapshotter.take()
  }

  /**
   * Gives the whole cluster another state, which all FSMs restore: an earlier snapshot of this cluster, or one of another.
   * Only the leader does it. Of `meta` the version, `index` and `size` count, and not its configuration. Commands under
   * way end with `AbortedByRestoreError`, and later ones wait. Resolves once a majority has the new state. `signal` ends
   * it while `data` is read, and afterwards only the waiting.
   *
   * Rejects with outcome `rejected` if nothing changes: `NotLeaderError`, `SnapshotError`. With `LeadershipLostError` this
   * node goes back to the old state, if its stores allow that (`SnapshotStore.remove`, a log store that tolerates gaps),
   * and the cluster will have the one or the other. Followers that have the new state already cannot go back, as in Go:
   * they wait for a later snapshot of another leader. If so many wait that the others are no majority, none can be taken,
   * and one more restore ends it.
   */
  async restore(
    meta: Pick<SnapshotMeta, 'version' | 'index' | 'size'>,
    data: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options: SignalOption = {},
  ): Promise<void> {
    this.#node.context.meter.counter('raft.restore')
    // Nothing waits before it enters, so that there is nothing for a timeout.
    await this.#requests.restore(meta, { data, size: meta.size, signal: options.signal })
  }

  /**
   * Ends the node: rejects everything that waits, lets open calls into the stores and the FSM end (for ten seconds at
   * most), closes the transport, and the stores that it owns. Never rejects; all callers get the same promise.
   */
  shutdown(): Promise<void> {
    return this.#node.stop()
  }

  /** `shutdown`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown()
  }

  /** What stopped the node, if it stopped itself: a store or the FSM failed, or the log is damaged. */
  get failure(): Error | undefined {
    return this.#node.failure
  }

  /** The role of the node. */
  get state(): RaftState {
    return this.#node.isStopped ? 'Shutdown' : this.#node.consensus.state
  }

  /** The leader, as far as this node knows; it may be out of date. */
  get leader(): Peer | undefined {
    return this.#node.isStopped ? undefined : this.#node.consensus.leader
  }

  /** When the leader was last heard. Undefined before the first time; it stands still while this node leads. */
  get lastContact(): Date | undefined {
    const { lastContact } = this.#node.consensus
    return lastContact === undefined ? undefined : dateOf(this.#node.context.clock, lastContact)
  }

  /** The newest term that this node has seen. */
  get currentTerm(): number {
    return this.#node.consensus.term
  }

  /** The last index of the log, or of the newest snapshot. */
  get lastIndex(): number {
    return this.#node.consensus.lastIndex
  }

  /** The last index that this node knows to be committed. */
  get commitIndex(): number {
    return this.#node.consensus.commitIndex
  }

  /** The last index that the FSM has applied. */
  get appliedIndex(): number {
    return this.#node.consensus.appliedIndex
  }

  /** Values for people, as text. */
  stats(): Stats {
    return statsOf(this.#node, this.state)
  }

  /** `Node at ADDRESS [State]`. */
  toString(): string {
    return `Node at ${this.#node.parts.transport.localAddress} [${this.state}]`
  }

  /**
   * Whether this node leads, whenever that changes, beginning with the last change if there was any. A reader that is
   * slow gets the newest only. Ends with the node. Each call has its own reader.
   */
  leadershipChanges(): AsyncIterableIterator<boolean> {
    return this.#node.watchers.leadership.changes()
  }

  /** Lets an observer watch this node; a second time changes nothing. */
  registerObserver(observer: Observer): void {
    this.#node.watchers.observers.register(observer)
  }

  /** Ends the watching; what the observer has not read stays with it. */
  deregisterObserver(observer: Observer): void {
    this.#node.watchers.observers.deregister(observer)
  }

  /** What happens to this node from now on, until the loop is left or the node is shut down. */
  observe(filter?: FilterFn): AsyncIterableIterator<Observation> {
    return this.#node.watchers.observers.observe(filter)
  }

  /** What may be changed while running, as it is now. */
  reloadableConfig(): ReloadableConfig {
    const { trailingLogs, snapshotInterval, snapshotThreshold, heartbeatTimeout, electionTimeout } = this.#node.config
    return { trailingLogs, snapshotInterval, snapshotThreshold, heartbeatTimeout, electionTimeout }
  }

  /** Changes all five values. Throws an `InvalidConfigError`, and changes nothing, if the result is not valid. */
  reloadConfig(changes: ReloadableConfig): void {
    if (this.#node.isStopped) throw this.#requests.shutdownError()
    const { trailingLogs, snapshotInterval, snapshotThreshold, heartbeatTimeout, electionTimeout } = changes
    const reloaded = { trailingLogs, snapshotInterval, snapshotThreshold, heartbeatTimeout, electionTimeout }
    const config: Config = Object.freeze({ ...this.#node.config, ...reloaded })
    validateConfig(config)
    this.#node.reload(config)
  }

  #propose(
    data: Uint8Array | undefined,
    extensions: Uint8Array | undefined,
    options: CallOptions,
  ): Promise<ApplyResult<R>> {
    const { context, config } = this.#node
    context.meter.counter('raft.apply')
    const size = (data?.length ?? 0) + (extensions?.length ?? 0)
    if (size > config.maxCommandBytes) return Promise.reject(new CommandTooLargeError(size, config.maxCommandBytes))
    const refusal = this.#requests.refusal(options)
    if (refusal !== undefined) return Promise.reject(refusal)
    const proposal = new Proposal(LogType.Command, this.#copy(data), this.#copy(extensions))
    this.#node.callers.proposals.add(proposal, options)
    // The answer is the FSM's, whose type the caller of `start` named.
    return proposal.promise as Promise<ApplyResult<R>>
  }

  #copy(bytes: Uint8Array | undefined): Uint8Array | undefined {
    return bytes === undefined ? undefined : this.#pool.copy(bytes)
  }

  async #change(command: ConfigurationChangeCommand, server: Peer, options: ChangeOptions): Promise<IndexResult> {
    return { index: await this.#requests.change(command, server, options) }
  }
}
