import type {
  Heartbeat,
  Replicate,
  RequestPreVote,
  RequestVote,
  SendSnapshot,
  TimeoutNow,
} from '../consensus/effects.ts'
import type { CallID, Event } from '../consensus/events.ts'
import type { SnapshotStore } from '../interfaces/snapshot-store.ts'
import type { Transport } from '../interfaces/transport.ts'
import type { Configuration } from '../types/configuration.ts'
import { type ConnectionError, isRaftError, PreVoteNotSupportedError } from '../types/errors.ts'
import type { Peer, ServerAddress, ServerID } from '../types/identity.ts'
import type { Position } from '../types/log.ts'
import type { RequestPreVoteResponse, RPCHeader } from '../types/messages.ts'
import { strangerIn } from './answered-by.ts'
import type { Context } from './context.ts'
import type { LogReader } from './log-reader.ts'
import { PeerStream } from './peer-stream.ts'
import { asError } from './settle.ts'
import { sendSnapshot } from './snapshot-sender.ts'

/** What talking to the other servers takes. */
export interface PeersOptions {
  readonly context: Context
  readonly transport: Transport
  readonly snapshots: SnapshotStore
  readonly reader: LogReader
  readonly header: () => RPCHeader
  readonly latestConfiguration: () => Configuration
  /** Whether a snapshot at the position is of the log of this server. */
  readonly isOfLog: (position: Position) => boolean
  /** Metrics that carry the peer's ID in their name too. */
  readonly legacyMetrics: boolean
}

/** Sends requests to the other servers; each comes back as one event. */
export class Peers {
  readonly #options: PeersOptions
  readonly #streams = new Map<ServerID, PeerStream>()
  /** Who answered last in the place of a member, and where. */
  readonly #strangers = new Map<ServerID, { readonly address: ServerAddress; readonly error: ConnectionError }>()
  #stopped = false

  constructor(options: PeersOptions) {
    this.#options = options
  }

  replicate(effect: Replicate): void {
    let stream = this.#streams.get(effect.to.id)
    if (stream === undefined) {
      const { context, transport, reader, header } = this.#options
      const measured = (peer: Peer, begun: number, entries: number): void => {
        this.#measure('raft.replication.appendEntries.rpc', peer, begun)
        this.#count('raft.replication.appendEntries.logs', peer, entries)
      }
      stream = new PeerStream({ context, transport, reader, header, measured })
      this.#streams.set(effect.to.id, stream)
    }
    stream.send(effect)
  }

  heartbeat({ call, to, term }: Heartbeat): void {
    const header = this.#options.header()
    const positions = { prevLogEntry: 0, prevLogTerm: 0, entries: undefined, leaderCommitIndex: 0 }
    const request = { header, term, leader: header.address, ...positions }
    const begun = this.#options.context.meter.begin()
    this.#call(
      { call, to },
      () => this.#options.transport.appendEntries(to, request),
      (response) => {
        this.#measure('raft.replication.heartbeat', to, begun)
        const { success, lastLog, noRetryBackoff } = response
        return { type: 'append-answered', call, term: response.term, success, lastLog, noRetryBackoff }
      },
    )
  }

  sendSnapshot(effect: SendSnapshot): void {
    const { call, to } = effect
    const begun = this.#options.context.meter.begin()
    this.#call(
      { call, to },
      () => {
        // All of a snapshot would be sent before its answer says whose it is.
        const stranger = this.#strangers.get(to.id)
        if (stranger?.address === to.address) throw stranger.error
        return sendSnapshot(effect, this.#options)
      },
      ({ index, term, success }) => {
        this.#measure('raft.replication.installSnapshot', to, begun)
        return { type: 'install-answered', call, term, success, index }
      },
    )
  }

  requestVote({ call, to, term, lastIndex, lastTerm, transfer }: RequestVote): void {
    const header = this.#options.header()
    const positions = { lastLogIndex: lastIndex, lastLogTerm: lastTerm }
    const request = { header, term, candidate: header.address, ...positions, leadershipTransfer: transfer }
    const begun = this.#options.context.meter.begin()
    this.#call(
      { call, to },
      () => this.#options.transport.requestVote(to, request),
      (response) => {
        this.#options.context.meter.timer('raft.candidate.electSelf', begun)
        return { type: 'vote-answered', call, term: response.term, granted: response.granted }
      },
    )
  }

  requestPreVote({ call, to, term, lastIndex, lastTerm }: RequestPreVote): void {
    const { transport, context } = this.#options
    const request = { header: this.#options.header(), term, lastLogIndex: lastIndex, lastLogTerm: lastTerm }
    const begun = context.meter.begin()
    const ask = async (): Promise<Omit<RequestPreVoteResponse, 'header'> & { readonly header?: RPCHeader }> => {
      try {
        if (transport.requestPreVote === undefined) throw new PreVoteNotSupportedError()
        return await transport.requestPreVote(to, request)
      } catch (error) {
        // A peer from before pre-votes is no reason not to campaign (Q4).
        if (isUnsupported(error)) return { term, granted: true }
        throw error
      }
    }
    this.#call({ call, to }, ask, (response) => {
      context.meter.timer('raft.candidate.preElectSelf', begun)
      return { type: 'pre-vote-answered', call, term: response.term, granted: response.granted }
    })
  }

  timeoutNow({ call, to }: TimeoutNow): void {
    const request = { header: this.#options.header() }
    this.#call(
      { call, to },
      () => this.#options.transport.timeoutNow(to, request),
      () => ({ type: 'timeout-now-answered', call }),
    )
  }

  /** This server no longer leads: nobody waits for what it was about to send. */
  reset(): void {
    for (const stream of this.#streams.values()) stream.reset()
    this.#streams.clear()
    this.#strangers.clear()
  }

  /** Closes the streams to servers that are no longer members, once everything for them is sent. True if none is left. */
  tidy(): boolean {
    const { servers } = this.#options.latestConfiguration()
    let tidied = true
    for (const [id, stream] of this.#streams) {
      if (servers.some((server) => server.id === id)) continue
      if (stream.isIdle) {
        stream.reset()
        this.#streams.delete(id)
      } else tidied = false
    }
    return tidied
  }

  stop(): void {
    this.#stopped = true
    this.reset()
  }

  #call<T extends { readonly header?: RPCHeader }>(
    { call, to }: { readonly call: CallID; readonly to: Peer },
    send: () => Promise<T>,
    eventOf: (value: T) => Event,
  ): void {
    const { context } = this.#options
    const failed = (error: unknown): void => {
      if (!this.#stopped) context.post({ type: 'call-failed', call, error: asError(error) })
    }
    let sent: Promise<T>
    try {
      sent = send()
    } catch (error) {
      return failed(error)
    }
    void sent.then((value) => {
      const error = strangerIn(value.header, to)
      if (error === undefined) this.#strangers.delete(to.id)
      else this.#strangers.set(to.id, { address: to.address, error })
      if (error !== undefined) failed(error)
      else if (!this.#stopped) context.post(eventOf(value))
    }, failed)
  }

  #measure(name: string, peer: Peer, begun: number): void {
    const { meter } = this.#options.context
    if (!meter.active) return
    meter.timer(name, begun, { peer_id: peer.id })
    if (this.#options.legacyMetrics) meter.timer(`${name}.${peer.id}`, begun)
  }

  #count(name: string, peer: Peer, value: number): void {
    const { meter } = this.#options.context
    if (!meter.active) return
    meter.counter(name, value, { peer_id: peer.id })
    if (this.#options.legacyMetrics) meter.counter(`${name}.${peer.id}`, value)
  }
}

function isUnsupported(error: unknown): boolean {
  if (isRaftError(error, 'ERR_RAFT_PRE_VOTE_NOT_SUPPORTED')) return true
  return isRaftError(error, 'ERR_RAFT_REMOTE') && error.message.includes('unexpected command')
}
