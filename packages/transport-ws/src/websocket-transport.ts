import { createServer, type IncomingMessage, type Server } from 'node:http'
import { ConnectionError } from '@raft/core'
import { NetworkTransport, type NetworkTransportOptions } from '@raft/core/wire'
import { connectNodeSocket, listen, serveSockets } from './node-socket.ts'
import { type VerifyWebSocketPeer, WebSocketStreamLayer } from './websocket-stream-layer.ts'

/** What both kinds of WebSocket transport take. Durations are milliseconds. */
export interface WebSocketTransportOptions extends NetworkTransportOptions {
  /** Binds a connection to a server: asked for each server that speaks over it, or is dialled by it. */
  readonly verifyPeer?: VerifyWebSocketPeer | undefined
  /** Bytes of one WebSocket message at most; frames are below 66 KB. Default 1 MiB. */
  readonly maxPayload?: number | undefined
  /** Milliseconds between pings; a peer that has not answered the one before is cut off. Default 15,000; 0 sends none. */
  readonly pingInterval?: number | undefined
  /** Options of the `ws` package for connections that are dialled: certificates, headers. */
  readonly dialOptions?: object | undefined
  /** Streams that one server may have open here. Default 256. */
  readonly maxStreams?: number | undefined
}

/** A transport that others can dial. */
export interface WebSocketListenOptions extends WebSocketTransportOptions {
  /** `host:port` to listen on; port 0 takes a free one. Not used with a `server` that listens already. */
  readonly bindAddress?: string | undefined
  /** An HTTP or HTTPS server of yours to listen with; it is not closed with the transport. */
  readonly server?: Server | undefined
  /** The path of the WebSocket on that server. Default `/raft`. */
  readonly path?: string | undefined
  /** The URL by which others reach this server. Default: `ws://`, the address listened on, and the path. */
  readonly advertise?: string | undefined
  /** Whether a page of this origin may connect. Default: no page may; programs, which name none, may. */
  readonly verifyOrigin?: ((origin: string | undefined) => boolean) | undefined
  /** Who asks to connect: false or a throw refuses; anything else is handed to `verifyPeer`. Default: everybody may. */
  readonly authenticate?: ((request: IncomingMessage) => unknown) | undefined
}

/** A transport that nobody can dial: it dials, and is reached over what it dialled. */
export interface WebSocketConnectOptions extends WebSocketTransportOptions {
  /** What this server is called in the configuration in place of a URL; any name that no other server has. */
  readonly address: string
  /** The URLs of the servers to stay connected with. */
  readonly servers: readonly string[]
  /** The pause before another attempt to connect with these. Default 1,000. */
  readonly reconnectInterval?: number | undefined
}

/**
 * Carries Raft's messages over WebSockets, the same bytes as over TCP, cut into frames: one WebSocket for all streams
 * between two servers, in both directions. Addresses are `ws:` or `wss:` URLs, or the names of servers that cannot be
 * dialled. Everything of `NetworkTransport` holds here too.
 */
export class WebSocketTransport extends NetworkTransport {
  /** Listens, on a server of its own or on yours. Rejects with a `ConnectionError` that names what is wrong. */
  static async listen(options: WebSocketListenOptions): Promise<WebSocketTransport> {
    const { bindAddress, path = '/raft', server = createServer(onlyWebSockets) } = options
    if (bindAddress === undefined && options.server === undefined) {
      throw new TypeError('WebSocketTransport.listen needs a bindAddress or a server')
    }
    if (bindAddress === undefined && options.advertise === undefined) {
      throw new TypeError('with a server that listens already, WebSocketTransport.listen needs advertise')
    }
    const sockets = socketOptions(options)
    const address = await addressOf(server, { ...options, path })
    const stream = new WebSocketStreamLayer({
      ...options,
      address,
      connect: (url, timeout) => connectNodeSocket(url, timeout, sockets),
      onClosed: async () => {
        accepting.close()
        if (options.server === undefined) await close(server)
      },
    })
    const accepting = serveSockets(server, {
      path,
      options: sockets,
      admission: {
        verifyOrigin: options.verifyOrigin ?? ((origin) => origin === undefined),
        authenticate: options.authenticate ?? (() => undefined),
        welcome: (socket, authentication) => stream.welcome(socket, authentication),
        refused: (request, reason) => {
          options.logger?.warn({ remoteAddress: request.socket.remoteAddress, reason }, 'refused a WebSocket')
        },
      },
    })
    return new WebSocketTransport({ ...options, stream })
  }

  /** Dials the servers and stays connected with them. It does not wait until they are reached. */
  static connect(options: WebSocketConnectOptions): WebSocketTransport {
    const sockets = socketOptions(options)
    const stream = new WebSocketStreamLayer({
      ...options,
      stayConnected: options.servers,
      connect: (url, timeout) => connectNodeSocket(url, timeout, sockets),
    })
    return new WebSocketTransport({ ...options, stream })
  }
}

function socketOptions(options: WebSocketTransportOptions): Parameters<typeof connectNodeSocket>[2] {
  const { maxPayload = 1_048_576, pingInterval = 15_000, dialOptions } = options
  if (maxPayload < 65_600)
    throw new RangeError(`maxPayload must be at least 65600, the longest frame, got ${maxPayload}`)
  return { maxPayload, pingInterval, dialOptions }
}

/** The URL by which others reach the server, which listens from now on if it is asked to. */
async function addressOf(server: Server, options: WebSocketListenOptions & { readonly path: string }): Promise<string> {
  const { bindAddress, advertise, path } = options
  if (bindAddress === undefined) return advertise!
  const bound = await listen(server, bindAddress)
  if (advertise !== undefined) return advertise
  if (bound.address !== '0.0.0.0' && bound.address !== '::') return urlOf(bound, path)
  await close(server)
  throw new ConnectionError('local bind address is not advertisable: give advertise the URL by which others reach it')
}

function urlOf(
  bound: { readonly address: string; readonly family: string; readonly port: number },
  path: string,
): string {
  const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address
  return `ws://${host}:${bound.port}${path}`
}

function onlyWebSockets(
  _request: IncomingMessage,
  response: { writeHead(status: number): { end(text: string): void } },
): void {
  response.writeHead(426).end('WebSocket only\n')
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
