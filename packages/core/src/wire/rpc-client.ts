import { ConnectionError, isRaftError, PreVoteNotSupportedError, TransportShutdownError } from '../types/errors.ts'
import type { Peer, ServerAddress } from '../types/identity.ts'
import type { RPCName, RPCRequests, RPCResponses } from '../types/messages.ts'
import type { ClientConnection } from './client-connection.ts'
import { ConnectionPool } from './connection-pool.ts'
import { Dialer } from './dialer.ts'
import type { Settings } from './network-transport-config.ts'
import type { StreamLayer } from './stream-layer.ts'

/** Requests that do no harm when they arrive twice, which is what a second attempt risks. */
const repeatable: readonly RPCName[] = ['appendEntries', 'requestVote', 'requestPreVote']

/** Addresses that are remembered: more than any cluster has. */
const mostAnswering = 1_024

/** Sends requests, each on a connection that carries nothing else until it is answered. */
export class RPCClient {
  readonly dialer: Dialer
  readonly pool: ConnectionPool
  /** Connections of pipelines: they last as long as these. */
  readonly #pipelines = new Set<ClientConnection>()
  readonly #settings: Settings
  /** Every connection that has not ended. */
  readonly #open = new Set<ClientConnection>()
  /** Connections that `closeStreams` found at work: they end with what they do. */
  readonly #leaving = new WeakSet<ClientConnection>()
  /** Addresses whose server has answered, or sent, anything but a pre-vote. */
  readonly #answering = new Set<ServerAddress>()
  #closed = false

  constructor(layer: StreamLayer, settings: Settings) {
    this.#settings = settings
    this.dialer = new Dialer(layer, settings)
    this.pool = new ConnectionPool(settings.maxPool)
  }

  /** Where a server is reached: what the address provider says, or the given address. */
  resolve(peer: Peer): ServerAddress {
    const { serverAddressProvider, logger } = this.#settings
    if (serverAddressProvider === undefined) return peer.address
    try {
      return serverAddressProvider.serverAddress(peer.id)
    } catch (error) {
      logger.warn(
        { error, id: peer.id, fallback: peer.address },
        'the address provider failed; using the address as configured',
      )
      return peer.address
    }
  }

  /** Sends a request and waits for its answer. */
  async call<K extends RPCName>(type: K, peer: Peer, request: RPCRequests[K]): Promise<RPCResponses[K]> {
    const { timeout, clock } = this.#settings
    const target = this.resolve(peer)
    const began = clock.now()
    const pooled = this.#closed ? undefined : this.pool.take(target)
    let left = timeout
    if (pooled !== undefined) {
      try {
        return await this.#callOn(pooled, request, { type, peer, timeout })
      } catch (error) {
        // The peer may have ended the connection long ago, without our knowing: that says nothing of the peer now.
        if (this.#closed || !pooled.endedUnanswered || !repeatable.includes(type)) throw error
        left = timeout === 0 ? 0 : Math.max(1, timeout - (clock.now() - began))
      }
    }
    const connection = await this.open(peer, target)
    try {
      return await this.#callOn(connection, request, { type, peer, timeout: left })
    } catch (error) {
      if (type === 'requestPreVote' && connection.endedUnanswered) throw this.#preVoteError(target, error)
      throw error
    }
  }

  /** A new connection to a peer. It is the caller's to end. */
  async open(peer: Peer, target: ServerAddress = this.resolve(peer)): Promise<ClientConnection> {
    const connection = await this.dialer.dial(peer, target)
    if (this.#closed) {
      connection.fail(new TransportShutdownError())
      throw new TransportShutdownError()
    }
    this.#open.add(connection)
    connection.onClosed = () => {
      this.#open.delete(connection)
      this.pool.remove(connection)
      this.#pipelines.delete(connection)
    }
    return connection
  }

  /** A new connection to a peer for a pipeline. */
  async openPipeline(peer: Peer): Promise<ClientConnection> {
    const connection = await this.open(peer)
    this.#pipelines.add(connection)
    return connection
  }

  /** The server at an address has sent something other than a pre-vote, so it is there and speaks. */
  heardFrom(address: ServerAddress): void {
    this.#noteAnswering(address)
    this.dialer.forgive(address)
  }

  /** Ends what waits in the pool, and pipelines; a request under way is the last of its connection. */
  closeStreams(): void {
    for (const connection of [...this.pool.takeAll(), ...this.#pipelines])
      connection.fail(new ConnectionError('the streams were closed'))
    for (const connection of this.#open) this.#leaving.add(connection)
  }

  /** Ends everything, also what is under way. */
  close(): void {
    this.#closed = true
    this.dialer.close()
    for (const connection of this.#open) connection.fail(new TransportShutdownError())
  }

  async #callOn<K extends RPCName>(
    connection: ClientConnection,
    request: RPCRequests[K],
    to: { readonly type: K; readonly peer: Peer; readonly timeout: number },
  ): Promise<RPCResponses[K]> {
    try {
      const verifying = connection.verify(to.peer)
      if (verifying !== undefined) await verifying
      const response = await connection.call(request, to)
      this.#noteAnswer(to.type, connection.target)
      return response
    } catch (error) {
      if (isRaftError(error, 'ERR_RAFT_REMOTE')) this.#noteAnswer(to.type, connection.target)
      throw error
    } finally {
      this.#release(connection)
    }
  }

  #noteAnswer(type: RPCName, target: ServerAddress): void {
    if (type !== 'requestPreVote') this.#noteAnswering(target)
  }

  #noteAnswering(address: ServerAddress): void {
    // Whoever connects can name any address.
    if (this.#answering.size >= mostAnswering) this.#answering.clear()
    this.#answering.add(address)
  }

  #release(connection: ClientConnection): void {
    if (connection.error !== undefined) return
    if (!this.#leaving.has(connection) && this.pool.put(connection)) return
    connection.fail(new ConnectionError('the connection was no longer needed'))
  }

  /** An old peer ends the connection upon a pre-vote, and so does one that is going down: the old one answers other things. */
  #preVoteError(target: ServerAddress, cause: unknown): unknown {
    return this.#answering.has(target) ? new PreVoteNotSupportedError({ cause }) : cause
  }
}
