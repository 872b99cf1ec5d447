import type { Event, RequestID } from '../consensus/events.ts'
import type { SnapshotMeta } from '../interfaces/snapshot-store.ts'
import { type Configuration, ConfigurationChangeCommand } from '../types/configuration.ts'
import {
  AbortedError,
  LeadershipTransferInProgressError,
  NotLeaderError,
  RaftShutdownError,
  SnapshotError,
  UnsupportedProtocolError,
} from '../types/errors.ts'
import type { Peer, ServerAddress } from '../types/identity.ts'
import { SNAPSHOT_VERSION_MAX, SNAPSHOT_VERSION_MIN } from '../types/versions.ts'
import type { Node } from './node.ts'
import type { CallOptions, ChangeOptions, SignalOption } from './results.ts'
import type { RestoreInput } from './snapshot-ingester.ts'

/** The protocol versions from which on things exist (spec §5.8). */
const MEMBERSHIP_BY_ID = 2
const FULL_MEMBERSHIP = 3

/** Asks the state machine for what is no command, and waits for its answer. */
export class Requests {
  readonly #node: Node

  constructor(node: Node) {
    this.#node = node
  }

  /** What everything rejects with once the node is stopped. */
  shutdownError(): RaftShutdownError {
    const { failure } = this.#node
    return new RaftShutdownError(failure === undefined ? {} : { cause: failure })
  }

  /** Why nothing can be submitted now. */
  refusal({ signal }: SignalOption): Error | undefined {
    const { consensus } = this.#node
    const refusal = this.#generalRefusal(signal)
    if (refusal !== undefined) return refusal
    if (consensus.state !== 'Leader') return new NotLeaderError(consensus.leader)
    return consensus.transferring ? new LeadershipTransferInProgressError() : undefined
  }

  /** Resolves once this node is known to lead and, if `applied`, has applied all that was committed. */
  async confirm(applied: boolean, { signal }: SignalOption): Promise<void> {
    // What was not confirmed has no consequence.
    await this.#ask((request) => ({ type: 'read-asked', request, applied }), { signal, begun: () => false })
  }

  /** Resolves with the index of the entry that made the change. */
  async change(command: ConfigurationChangeCommand, server: Peer, options: ChangeOptions): Promise<number> {
    const adds = command === ConfigurationChangeCommand.AddVoter
    const known = adds || command === ConfigurationChangeCommand.RemoveServer ? MEMBERSHIP_BY_ID : FULL_MEMBERSHIP
    if (this.#node.config.protocolVersion < known) throw new UnsupportedProtocolError()
    return this.#makeChange(command, server, options)
  }

  /** A change by address, from when that was the ID. */
  async changePeer(command: ConfigurationChangeCommand, address: ServerAddress): Promise<void> {
    if (this.#node.config.protocolVersion >= FULL_MEMBERSHIP) throw new UnsupportedProtocolError()
    await this.#makeChange(command, { id: address, address }, {})
  }

  async bootstrap(configuration: Configuration): Promise<void> {
    await this.#ask((request) => ({ type: 'bootstrap-asked', request, configuration }), { begun: () => true })
  }

  async transfer(target: Peer | undefined, { signal }: SignalOption): Promise<void> {
    await this.#ask((request) => ({ type: 'transfer-asked', request, target }), { signal, begun: () => true })
  }

  async restore({ version, index }: Pick<SnapshotMeta, 'version' | 'index'>, input: RestoreInput): Promise<void> {
    const { context, keeping, callers } = this.#node
    const { signal } = input
    const refusal = this.refusal({ signal })
    if (refusal !== undefined) throw refusal
    if (!(version >= SNAPSHOT_VERSION_MIN && version <= SNAPSHOT_VERSION_MAX)) {
      throw new SnapshotError(`unsupported snapshot version ${version}`, { outcome: 'rejected' })
    }
    await keeping.keepState()
    const eventOf = (request: RequestID): Event => {
      keeping.ingester.offer(request, input)
      return { type: 'restore-asked', request, index }
    }
    const begun = context.meter.begin()
    callers.proposals.hold()
    try {
      await this.#ask(eventOf, { signal, begun: (request) => keeping.ingester.idOf(request) !== undefined })
    } finally {
      callers.proposals.release()
    }
    context.meter.timer('raft.restoreUserSnapshot', begun)
  }

  #makeChange(command: ConfigurationChangeCommand, server: Peer, options: ChangeOptions): Promise<number> {
    const { timeout, signal, prevIndex = 0 } = options
    // One that still stands in line has done nothing yet.
    const begun = (request: RequestID): boolean => !this.#node.consensus.isInLine(request)
    const eventOf = (request: RequestID): Event => ({ type: 'change-asked', request, command, server, prevIndex })
    return this.#ask(eventOf, { timeout, signal, begun })
  }

  #ask(
    eventOf: (request: RequestID) => Event,
    options: CallOptions & { readonly begun: (request: RequestID) => boolean },
  ): Promise<number> {
    const refusal = this.#generalRefusal(options.signal)
    if (refusal !== undefined) return Promise.reject(refusal)
    return this.#node.callers.waiters.wait((request) => this.#node.context.post(eventOf(request)), options)
  }

  #generalRefusal(signal: AbortSignal | undefined): Error | undefined {
    if (this.#node.isStopped) return this.shutdownError()
    return signal?.aborted === true ? new AbortedError({ outcome: 'rejected', cause: signal.reason }) : undefined
  }
}
