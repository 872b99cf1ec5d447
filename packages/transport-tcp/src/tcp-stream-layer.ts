import { connect, createServer, type Server, type Socket } from 'node:net'
import { ConnectionError, type ServerAddress } from '@raft/core'
import type { StreamConnection, StreamLayer } from '@raft/core/wire'
import { Listener } from './listener.ts'
import { SocketConnection } from './socket-connection.ts'
import { formatAddress, isUnspecified, parseAddress, type TCPAddress } from './tcp-address.ts'

/** How a stream layer over TCP is set up. */
export interface TCPStreamLayerOptions {
  /** Where to listen: `host:port`, an IPv6 address in brackets; port 0 takes a free one. */
  readonly bindAddress: string
  /** Where others reach this server, if not at `bindAddress`: needed if that is `0.0.0.0` or `[::]`. */
  readonly advertise?: string | undefined
  /** Connections at a time that others may make, those included that are still being made. Default 2,048. */
  readonly maxConnections?: number | undefined
}

/** What every socket is made with: small messages leave at once, and a peer that vanished is noticed. */
export const socketOptions = {
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 15_000,
  // Whoever has sent all it has may still read the answers.
  allowHalfOpen: true,
} as const

const defaultMaxConnections = 2_048

/** Connections over TCP, for a `NetworkTransport`. Nagle's algorithm is off; keep-alive begins after 15 seconds. */
export class TCPStreamLayer implements StreamLayer {
  readonly #listener: Listener
  readonly #address: ServerAddress
  readonly #dialling = new Set<Socket>()
  #closed = false

  /**
   * Listens. Rejects with a `ConnectionError`: if the port is in use or may not be used, with
   * `local bind address is not advertisable` if nobody could connect to it, and with
   * `local address is not a TCP address`.
   */
  static async listen(options: TCPStreamLayerOptions): Promise<TCPStreamLayer> {
    const { listener, address } = await openListener(options, {
      server: createServer(socketOptions),
      event: 'connection',
      connect: (socket) => new SocketConnection(socket),
    })
    return new TCPStreamLayer(listener, address)
  }

  private constructor(listener: Listener, address: ServerAddress) {
    this.#listener = listener
    this.#address = address
  }

  /** Where others reach this server: what is advertised, or where it listens. */
  get address(): ServerAddress {
    return this.#address
  }

  /** The next connection that somebody makes. */
  accept(): Promise<StreamConnection> {
    return this.#listener.accept()
  }

  /** Connects to `host:port`, within `timeout` milliseconds unless that is 0. */
  async dial(address: ServerAddress, timeout: number): Promise<StreamConnection> {
    if (this.#closed) throw new ConnectionError('the stream layer is closed')
    const socket = connect({ ...targetOf(address), ...socketOptions })
    await established(socket, { event: 'connect', timeout, dialling: this.#dialling })
    return new SocketConnection(socket)
  }

  /** Stops listening and dialling. Connections that were made stay. */
  close(): void {
    this.#closed = true
    this.#listener.close()
    for (const socket of this.#dialling) socket.destroy(new Error('the stream layer was closed'))
  }
}

/** Where to connect to; an empty host is this machine. */
export function targetOf(address: ServerAddress): TCPAddress {
  const { host, port } = parseAddress(address)
  return { host: host === '' ? 'localhost' : host, port }
}

/** Listens, and finds out under which address others reach that. */
export async function openListener(
  options: TCPStreamLayerOptions,
  how: {
    readonly server: Server
    readonly event: 'connection' | 'secureConnection'
    readonly connect: (socket: Socket) => StreamConnection
  },
): Promise<{ readonly listener: Listener; readonly address: ServerAddress }> {
  const bind = parseAddress(options.bindAddress)
  const advertised = options.advertise === undefined ? undefined : advertisedAddress(options.advertise)
  const listener = await Listener.listen({
    ...how,
    bind,
    maxConnections: options.maxConnections ?? defaultMaxConnections,
  })
  const found = listener.address
  let complaint: string | undefined
  if (found === undefined) complaint = 'local address is not a TCP address'
  else if (isUnspecified(advertised ?? found)) complaint = 'local bind address is not advertisable'
  if (found === undefined || complaint !== undefined) {
    listener.close()
    throw new ConnectionError(complaint ?? '')
  }
  return { listener, address: formatAddress(advertised ?? found) }
}

function advertisedAddress(advertise: string): TCPAddress {
  try {
    return parseAddress(advertise)
  } catch (cause) {
    throw new ConnectionError('local address is not a TCP address', { cause })
  }
}

/** Waits until a socket is connected. Whatever goes wrong, it leaves no socket behind. */
export function established(
  socket: Socket,
  how: { readonly event: 'connect' | 'secureConnect'; readonly timeout: number; readonly dialling: Set<Socket> },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      clearTimeout(timer)
      how.dialling.delete(socket)
      socket.off(how.event, settle)
      socket.off('close', closed)
      if (error === undefined) return resolve()
      socket.destroy()
      reject(error)
    }
    const closed = (): void => settle(new Error('the connection was closed'))
    const tooLate = (): void => settle(new Error(`no connection within ${how.timeout} ms`))
    const timer = how.timeout > 0 ? setTimeout(tooLate, how.timeout) : undefined
    how.dialling.add(socket)
    socket.once(how.event, () => settle())
    socket.once('close', closed)
    // Stays: an error without a listener would end the process.
    socket.on('error', settle)
  })
}
