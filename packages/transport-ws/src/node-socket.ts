import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConnectionError } from '@raft/core'
import { WebSocket, WebSocketServer } from 'ws'
import type { MessageSocket } from './message-socket.ts'
import { messageSocketOf, opened, subprotocol } from './platform-socket.ts'

/** How WebSockets are opened and taken. */
export interface NodeSocketOptions {
  /** Bytes of one message at most; larger ones end the connection. */
  readonly maxPayload: number
  /** Milliseconds between pings; a server that has not answered the one before is cut off. 0 sends none. */
  readonly pingInterval: number
  /** Options of the dialled connections: certificates, headers. */
  readonly dialOptions?: object | undefined
}

/** Opens a WebSocket to a URL, with the `ws` package. */
export async function connectNodeSocket(
  url: string,
  timeout: number,
  options: NodeSocketOptions,
): Promise<MessageSocket> {
  const { maxPayload } = options
  const settings = {
    ...options.dialOptions,
    maxPayload,
    perMessageDeflate: false,
    handshakeTimeout: timeout || undefined,
  }
  let socket: WebSocket
  try {
    socket = new WebSocket(url, [subprotocol], settings)
  } catch (cause) {
    throw new ConnectionError(`${url} could not be reached: ${(cause as Error).message}`, { cause })
  }
  const terminate = (): void => socket.terminate()
  const messages = messageSocketOf(socket, { remoteAddress: url, terminate })
  await opened(socket, { url, timeout, terminate })
  keepAlive(socket, options.pingInterval)
  return messages
}

/** What decides who may open a WebSocket here. */
export interface Admission {
  /** Whether a page of this origin may connect; undefined is no page. */
  readonly verifyOrigin: (origin: string | undefined) => boolean
  /** Who it is: false refuses, anything else is handed to `verifyPeer`. A throw refuses too. */
  readonly authenticate: (request: IncomingMessage) => unknown
  /** Each WebSocket that was let in. */
  readonly welcome: (socket: MessageSocket, authentication: unknown) => void
  /** Each that was not, and why. */
  readonly refused: (request: IncomingMessage, reason: string) => void
}

/** Takes WebSockets on an HTTP server at a path. */
export function serveSockets(
  server: Server,
  {
    path,
    options,
    admission,
  }: { readonly path: string; readonly options: NodeSocketOptions; readonly admission: Admission },
): WebSocketServer {
  const { maxPayload, pingInterval } = options
  const handleProtocols = (offered: Set<string>): string | false => (offered.has(subprotocol) ? subprotocol : false)
  const sockets = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false, handleProtocols })
  server.on('upgrade', (request, socket, head) => {
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== path) return
    void (async () => {
      const { status, reason, authentication } = await admit(request, admission)
      if (reason !== undefined) {
        admission.refused(request, reason)
        socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
        return
      }
      sockets.handleUpgrade(request, socket, head, (opened) => {
        keepAlive(opened, pingInterval)
        const remoteAddress = `${request.socket.remoteAddress}:${request.socket.remotePort}`
        const terminate = (): void => opened.terminate()
        admission.welcome(messageSocketOf(opened, { remoteAddress, terminate }), authentication)
      })
    })()
  })
  return sockets
}

interface Verdict {
  readonly status: string
  /** Why it is refused; undefined lets it in. */
  readonly reason: string | undefined
  readonly authentication: unknown
}

async function admit(request: IncomingMessage, { verifyOrigin, authenticate }: Admission): Promise<Verdict> {
  const refuse = (status: string, reason: string): Verdict => ({ status, reason, authentication: undefined })
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  if (!offered.includes(subprotocol)) return refuse('400 Bad Request', `the subprotocol ${subprotocol} is not offered`)
  try {
    const { origin } = request.headers
    if (!verifyOrigin(origin)) return refuse('403 Forbidden', `origin ${origin ?? 'none'} is not allowed`)
    const authentication = await authenticate(request)
    if (authentication === false) return refuse('401 Unauthorized', 'authentication failed')
    return { status: '', reason: undefined, authentication }
  } catch (error) {
    return refuse('401 Unauthorized', error instanceof Error ? error.message : String(error))
  }
}

/** Notices that the other end is gone though nobody said so. */
function keepAlive(socket: WebSocket, interval: number): void {
  if (interval <= 0) return
  let answered = true
  const timer = setInterval(() => {
    if (!answered) return socket.terminate()
    answered = false
    socket.ping()
  }, interval)
  timer.unref()
  socket.on('pong', () => {
    answered = true
  })
  socket.on('close', () => clearInterval(timer))
}

/** Begins to listen. Rejects with a `ConnectionError` that names the address. */
export function listen(server: Server, address: string): Promise<AddressInfo> {
  const separator = address.lastIndexOf(':')
  const host = address.slice(0, separator).replace(/^\[(.*)\]$/, '$1')
  const port = Number(address.slice(separator + 1))
  if (separator < 0 || !Number.isInteger(port) || port < 0 || port > 65_535) {
    return Promise.reject(new ConnectionError(`bind address '${address}' is not host:port`))
  }
  return new Promise((resolve, reject) => {
    const onError = (cause: Error & { readonly code?: string }): void => {
      const reason = cause.code === 'EADDRINUSE' ? 'it is in use by another process' : cause.message
      reject(new ConnectionError(`cannot listen on ${address}: ${reason}`, { cause }))
    }
    server.once('error', onError)
    server.listen({ host: host === '' ? undefined : host, port }, () => {
      server.off('error', onError)
      resolve(server.address() as AddressInfo)
    })
  })
}
