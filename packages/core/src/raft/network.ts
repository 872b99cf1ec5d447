import type { Configuration } from '../types/configuration.ts'
import type { RPC } from '../interfaces/transport.ts'
import type { Settings } from '../consensus/settings.ts'
import type { Position } from '../types/log.ts'
import type { RPCHeader } from '../types/messages.ts'
import type { Context } from './context.ts'
import { Inbound } from './inbound.ts'
import type { LogReader } from './log-reader.ts'
import type { Parts } from './parts.ts'
import { Peers } from './peers.ts'
import { requestHeader } from './request-header.ts'
import { messageOf } from './settle.ts'

/** What the network's side takes besides the node's parts. */
export interface NetworkOptions {
  readonly context: Context
  readonly parts: Parts
  readonly reader: LogReader
  readonly settings: Settings
  readonly latestConfiguration: () => Configuration
  readonly isOfLog: (position: Position) => boolean
  readonly asked: (rpc: RPC<'requestVote'> | RPC<'requestPreVote'>) => void
}

/** The other servers: what they ask, and what they are asked. */
export class Network {
  readonly inbound: Inbound
  readonly peers: Peers
  readonly #options: NetworkOptions
  #header: RPCHeader
  /** A server has left: its stream is closed once everything for it is sent. */
  #departures = false

  constructor(options: NetworkOptions) {
    const { context, parts, reader, settings, latestConfiguration, isOfLog, asked } = options
    const { transport, snapshots, config } = parts
    this.#options = options
    this.#header = requestHeader(transport, settings.self, settings.protocolVersion)
    const header = (): RPCHeader => this.#header
    const { protocolVersion } = settings
    const legacyMetrics = !config.noLegacyTelemetry
    this.inbound = new Inbound({ context, transport, header, protocolVersion, latestConfiguration, asked })
    const own = { header, latestConfiguration, isOfLog }
    this.peers = new Peers({ context, transport, snapshots, reader, ...own, legacyMetrics })
  }

  /** Takes requests from now on. */
  open(): void {
    const { transport } = this.#options.parts
    transport.setHeartbeatHandler((rpc) => this.inbound.receive(rpc))
    transport.setRPCHandler((rpc) => this.inbound.receive(rpc))
  }

  /** Looks up this server's own address again: an address provider may know another by now. */
  refreshHeader(): void {
    const { parts, settings, context } = this.#options
    try {
      this.#header = requestHeader(parts.transport, settings.self, settings.protocolVersion)
    } catch (error) {
      context.logger.warn({ error: messageOf(error) }, 'failed to encode the own address')
    }
  }

  /** A server is no longer a member. */
  noteDeparture(): void {
    this.#departures = true
  }

  /** Closes what leads to servers that have left. */
  tidy(): void {
    if (this.#departures) this.#departures = !this.peers.tidy()
  }

  /** Answers everything that waits, and sends no more. */
  stop(error: Error): void {
    this.inbound.close(error)
    this.peers.stop()
  }
}
