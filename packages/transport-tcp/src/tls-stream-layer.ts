import type { Socket } from 'node:net'
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  createServer,
  type SecureContext,
  type SecureContextOptions,
  type Server,
  type TLSSocket,
} from 'node:tls'
import { ConnectionError, type Logger, type ServerAddress } from '@raft/core'
import { Complaints, type StreamConnection, type StreamIdentity, type StreamLayer } from '@raft/core/wire'
import type { Listener } from './listener.ts'
import { SocketConnection } from './socket-connection.ts'
import { established, openListener, socketOptions, targetOf, type TCPStreamLayerOptions } from './tcp-stream-layer.ts'
import type { TLSOptions } from './tls-options.ts'

/** How a stream layer over TLS is set up. */
export interface TLSStreamLayerOptions extends TCPStreamLayerOptions {
  readonly tls: TLSOptions
  /** Hears of handshakes that failed. Default: silent. */
  readonly logger?: Logger | undefined
}

/** The parts of a certificate that may be replaced while a layer is in use. */
export type TLSCredentials = Pick<TLSOptions, 'cert' | 'key' | 'passphrase' | 'ca' | 'crl'>

const defaultHandshakeTimeout = 5_000

/**
 * Connections over TLS, for a `NetworkTransport`; by default both ends show a certificate (mTLS). What `TLSOptions` does
 * not accept is refused in the handshake.
 */
export class TLSStreamLayer implements StreamLayer {
  readonly #server: Server
  readonly #tls: TLSOptions
  readonly #listener: Listener
  readonly #address: ServerAddress
  readonly #dialling = new Set<Socket>()
  #context: SecureContext
  #closed = false

  /** Listens. Rejects with a `ConnectionError` as `TCPStreamLayer.listen` does, also if the certificate cannot be used. */
  static async listen(options: TLSStreamLayerOptions): Promise<TLSStreamLayer> {
    const { tls, logger } = options
    const context = secureContext(tls, tls)
    const mutual = tls.mutual ?? true
    const complaints = new Complaints(logger, () => performance.now())
    const server = createServer({
      ...socketOptions,
      ...contextOptions(tls, tls),
      requestCert: mutual,
      rejectUnauthorized: mutual,
      handshakeTimeout: tls.handshakeTimeout ?? defaultHandshakeTimeout,
    })
    server.on('tlsClientError', (error, socket) => {
      complaints.warn({ error, from: socket.remoteAddress }, 'a TLS handshake failed')
      // Node leaves it open after a handshake that did not go on.
      socket.destroy()
    })
    const { listener, address } = await openListener(options, {
      server,
      event: 'secureConnection',
      connect: (socket) => secured(socket as TLSSocket, inboundIdentity(socket as TLSSocket, tls)),
    })
    return new TLSStreamLayer({ server, tls, context, listener, address })
  }

  private constructor(parts: {
    readonly server: Server
    readonly tls: TLSOptions
    readonly context: SecureContext
    readonly listener: Listener
    readonly address: ServerAddress
  }) {
    this.#server = parts.server
    this.#tls = parts.tls
    this.#context = parts.context
    this.#listener = parts.listener
    this.#address = parts.address
  }

  /** Where others reach this server: what is advertised, or where it listens. */
  get address(): ServerAddress {
    return this.#address
  }

  /** The next connection that somebody makes, once its handshake is done. */
  accept(): Promise<StreamConnection> {
    return this.#listener.accept()
  }

  /** Connects to `host:port`, within `timeout` milliseconds unless that is 0, the handshake included. */
  async dial(address: ServerAddress, timeout: number): Promise<StreamConnection> {
    if (this.#closed) throw new ConnectionError('the stream layer is closed')
    const { serverName } = this.#tls
    const target = targetOf(address)
    const socket = connect({
      ...target,
      ...socketOptions,
      secureContext: this.#context,
      ...(serverName !== undefined && { servername: serverName }),
      checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName ?? target.host, certificate),
    })
    await established(socket, { event: 'secureConnect', timeout, dialling: this.#dialling })
    return secured(socket, identityOf(socket, this.#tls))
  }

  /**
   * Uses another certificate for connections that are made from now on. Those that were made stay; `closeStreams` of the
   * transport ends them. Throws a `ConnectionError` if it cannot be used, and then keeps the old one.
   */
  setCredentials(credentials: TLSCredentials): void {
    this.#context = secureContext(credentials, this.#tls)
    this.#server.setSecureContext(contextOptions(credentials, this.#tls))
  }

  /** Stops listening and dialling. Connections that were made stay. */
  close(): void {
    this.#closed = true
    this.#listener.close()
    for (const socket of this.#dialling) socket.destroy(new Error('the stream layer was closed'))
  }
}

function contextOptions(credentials: TLSCredentials, { minVersion = 'TLSv1.2' }: TLSOptions): SecureContextOptions {
  const { cert, key, passphrase, ca, crl } = credentials
  const pem = (value: string | Uint8Array): string | Buffer => (typeof value === 'string' ? value : Buffer.from(value))
  const list = (value: NonNullable<TLSOptions['ca']>): (string | Buffer)[] =>
    typeof value === 'string' || value instanceof Uint8Array ? [pem(value)] : value.map(pem)
  return {
    cert: pem(cert),
    key: pem(key),
    minVersion,
    ...(passphrase !== undefined && { passphrase }),
    ...(ca !== undefined && { ca: list(ca) }),
    ...(crl !== undefined && { crl: list(crl) }),
  }
}

function secureContext(credentials: TLSCredentials, tls: TLSOptions): SecureContext {
  try {
    return createSecureContext(contextOptions(credentials, tls))
  } catch (cause) {
    throw new ConnectionError(`the TLS certificate or key cannot be used: ${(cause as Error).message}`, { cause })
  }
}

/** Who the peer is was settled by the handshake: another one on the same connection ends it. */
function secured(socket: TLSSocket, identity: StreamIdentity | undefined): SocketConnection {
  socket.disableRenegotiation()
  return new SocketConnection(socket, identity)
}

/** The name of a server that was dialled was checked in the handshake; here that of one that connected is. */
function inboundIdentity(socket: TLSSocket, tls: TLSOptions): StreamIdentity | undefined {
  const { serverName } = tls
  const identity = identityOf(socket, tls)
  if (serverName === undefined || tls.mutual === false) return identity
  return {
    verify: (peer) => {
      const error = checkServerIdentity(serverName, socket.getPeerCertificate())
      if (error !== undefined) throw error
      return identity === undefined || identity.verify(peer)
    },
  }
}

function identityOf(socket: TLSSocket, { verifyPeer }: TLSOptions): StreamIdentity | undefined {
  if (verifyPeer === undefined) return undefined
  return { verify: ({ id, address }) => verifyPeer(socket.getPeerX509Certificate(), id, address) }
}
