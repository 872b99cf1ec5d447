import type { Reply, ReplyMessage } from '../consensus/effects.ts'
import type { Event, InboundID, SnapshotPosition } from '../consensus/events.ts'
import type { AnyRPC, RPC, Transport } from '../interfaces/transport.ts'
import type { Configuration } from '../types/configuration.ts'
import { SnapshotError, UnsupportedProtocolError } from '../types/errors.ts'
import type { Log } from '../types/log.ts'
import type { InstallSnapshotRequest, RPCHeader, RPCName, RPCResponses } from '../types/messages.ts'
import {
  PROTOCOL_VERSION_MAX,
  PROTOCOL_VERSION_MIN,
  SNAPSHOT_VERSION_MAX,
  SNAPSHOT_VERSION_MIN,
} from '../types/versions.ts'
import { decodeConfiguration } from '../wire/codec/configuration.ts'
import { decodePeers, encodePeers } from '../wire/codec/legacy-peers.ts'
import type { Context } from './context.ts'
import { configurationsIn } from './entries.ts'
import { IndexRing } from './index-ring.ts'
import { zeroHeader } from './request-header.ts'
import { SenderNames } from './sender-names.ts'
import { asError, messageOf } from './settle.ts'

/** Below this version a vote carries the voters too. */
const NO_PEERS_IN_VOTES = 2

/** What the intake of requests is made of. */
export interface InboundOptions {
  readonly context: Context
  readonly transport: Transport
  readonly header: () => RPCHeader
  readonly protocolVersion: number
  readonly latestConfiguration: () => Configuration
  /** A request for a vote or a pre-vote came in. */
  readonly asked: (rpc: RPC<'requestVote'> | RPC<'requestPreVote'>) => void
}

interface OpenRPC {
  readonly rpc: AnyRPC
  readonly begunAt: number
}

/** Takes the requests of other servers, turns them into events, and answers each exactly once. */
export class Inbound {
  readonly #options: InboundOptions
  readonly #senders: SenderNames
  /** By their IDs, which ascend: a map that is emptied again and again costs several times as much. */
  readonly #open = new IndexRing<OpenRPC>()
  #next = 1
  /** Why nothing is taken any more. */
  #closed: Error | undefined

  constructor(options: InboundOptions) {
    this.#options = options
    this.#senders = new SenderNames((bytes) => options.transport.decodePeer(bytes))
  }

  /** Takes a request. Never throws. */
  receive(rpc: AnyRPC): void {
    if (this.#closed !== undefined) return rpc.respond(undefined, this.#closed)
    let event: Event
    try {
      if (!this.#isVersionAccepted(rpc.command.header.protocolVersion)) throw new UnsupportedProtocolError()
      event = this.#eventOf(this.#next, rpc)
    } catch (error) {
      return rpc.respond(undefined, asError(error))
    }
    this.#open.push(this.#next, { rpc, begunAt: this.#options.context.meter.begin() })
    this.#next += 1
    if (rpc.type === 'requestVote' || rpc.type === 'requestPreVote') this.#options.asked(rpc)
    this.#options.context.post(event)
  }

  /** The entries of an AppendEntries that came in, without the first `skip`. */
  entriesOf(inbound: InboundID, skip: number): readonly Log[] {
    const rpc = this.#open.get(inbound)?.rpc
    const entries = rpc?.type === 'appendEntries' ? (rpc.command.entries ?? []) : []
    return skip === 0 ? entries : entries.slice(skip)
  }

  /** The InstallSnapshot that came in, if it still waits for its reply. */
  installOf(inbound: InboundID): RPC<'installSnapshot'> | undefined {
    const rpc = this.#open.get(inbound)?.rpc
    return rpc?.type === 'installSnapshot' ? rpc : undefined
  }

  reply({ inbound, message, error }: Reply): void {
    const open = this.#open.take(inbound)
    if (open === undefined) return
    respond(open.rpc, message === undefined ? undefined : this.#responseOf(message), error)
    const { meter } = this.#options.context
    if (meter.active) meter.timer(metricOf(open.rpc), open.begunAt)
  }

  /** Answers all that wait with the error, and whatever comes. */
  close(error: Error): void {
    this.#closed = error
    const { first, last } = this.#open
    for (let inbound = first; inbound <= last; inbound++) this.#open.take(inbound)?.rpc.respond(undefined, error)
  }

  /** Spec §5.8, for heartbeats too (Q17). */
  #isVersionAccepted(version: number): boolean {
    const oldest = Math.max(PROTOCOL_VERSION_MIN, this.#options.protocolVersion - 1)
    return version >= oldest && version <= PROTOCOL_VERSION_MAX
  }

  #eventOf(inbound: InboundID, rpc: AnyRPC): Event {
    switch (rpc.type) {
      case 'appendEntries': {
        const { header, leader, term, prevLogEntry, prevLogTerm, leaderCommitIndex, entries = [] } = rpc.command
        const configurations = entries.length === 0 ? [] : this.#configurationsIn(entries)
        return {
          type: 'append-requested',
          inbound,
          from: this.#senders.of(header, leader),
          term,
          prevIndex: prevLogEntry,
          prevTerm: prevLogTerm,
          entries,
          configurations,
          leaderCommit: leaderCommitIndex,
        }
      }
      case 'requestVote': {
        const { header, candidate, term, lastLogIndex, lastLogTerm, leadershipTransfer } = rpc.command
        const from = this.#senders.of(header, candidate)
        const last = { lastIndex: lastLogIndex, lastTerm: lastLogTerm }
        return { type: 'vote-requested', inbound, from, term, ...last, transfer: leadershipTransfer }
      }
      case 'requestPreVote': {
        const { header, term, lastLogIndex, lastLogTerm } = rpc.command
        const last = { lastIndex: lastLogIndex, lastTerm: lastLogTerm }
        return { type: 'pre-vote-requested', inbound, from: this.#senders.of(header), term, ...last }
      }
      case 'installSnapshot': {
        const { header, leader, term } = rpc.command
        const from = this.#senders.of(header, leader)
        return { type: 'install-requested', inbound, from, term, snapshot: this.#snapshotOf(rpc.command) }
      }
      case 'timeoutNow':
        return { type: 'timeout-now-requested', inbound, from: this.#senders.of(rpc.command.header) }
    }
  }

  #configurationsIn(entries: readonly Log[]): ReturnType<typeof configurationsIn> {
    try {
      return configurationsIn(entries, this.#options.transport)
    } catch (error) {
      throw new Error(`failed to decode peers: ${messageOf(error)}`, { cause: error })
    }
  }

  #snapshotOf(request: InstallSnapshotRequest): SnapshotPosition {
    const { snapshotVersion: version, lastLogIndex: index, lastLogTerm: term } = request
    if (!(version >= SNAPSHOT_VERSION_MIN && version <= SNAPSHOT_VERSION_MAX)) {
      throw new SnapshotError(`unsupported snapshot version ${version}`)
    }
    const none = new Uint8Array(0)
    try {
      if (version === 0) {
        const configuration = decodePeers(request.peers ?? none, this.#options.transport)
        return { index, term, configuration, configurationIndex: index }
      }
      const configuration = decodeConfiguration(request.configuration ?? none)
      return { index, term, configuration, configurationIndex: request.configurationIndex }
    } catch (error) {
      throw new Error(`failed to decode peers: ${messageOf(error)}`, { cause: error })
    }
  }

  #responseOf(message: ReplyMessage): RPCResponses[RPCName] {
    switch (message.kind) {
      case 'appendEntries': {
        const { term, success, lastLog, noRetryBackoff } = message
        return { header: this.#options.header(), term, success, lastLog, noRetryBackoff }
      }
      case 'requestVote': {
        const { transport, protocolVersion, latestConfiguration } = this.#options
        const peers = protocolVersion < NO_PEERS_IN_VOTES ? encodePeers(latestConfiguration(), transport) : undefined
        return { header: this.#options.header(), term: message.term, granted: message.granted, peers }
      }
      case 'requestPreVote':
        return { header: this.#options.header(), term: message.term, granted: message.granted }
      case 'installSnapshot':
        return { header: this.#options.header(), term: message.term, success: message.success }
      case 'timeoutNow':
        return { header: zeroHeader }
    }
  }
}

/** The reply's kind is the request's: the state machine answers what it was asked. */
function respond(rpc: AnyRPC, response: RPCResponses[RPCName] | undefined, error: Error | undefined): void {
  const send = rpc.respond as (response: RPCResponses[RPCName] | undefined, error?: Error) => void
  if (error === undefined) send.call(rpc, response)
  else send.call(rpc, response, error)
}

function metricOf(rpc: AnyRPC): string {
  switch (rpc.type) {
    case 'appendEntries': {
      const { entries, prevLogEntry, leaderCommitIndex } = rpc.command
      const heartbeat = (entries ?? []).length === 0 && prevLogEntry === 0 && leaderCommitIndex === 0
      return heartbeat ? 'raft.rpc.processHeartbeat' : 'raft.rpc.appendEntries'
    }
    case 'requestPreVote':
    case 'requestVote':
      return 'raft.rpc.requestVote'
    case 'installSnapshot':
      return 'raft.rpc.installSnapshot'
    case 'timeoutNow':
      return 'raft.rpc.timeoutNow'
  }
}
