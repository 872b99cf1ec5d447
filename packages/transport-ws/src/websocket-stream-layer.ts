import { type Clock, ConnectionError, type Peer, systemClock, TransportShutdownError } from '@raft/core'
import type { StreamConnection, StreamIdentity, StreamLayer } from '@raft/core/wire'
import type { MessageSocket } from './message-socket.ts'
import { Session } from './session.ts'

/** Who is at the other end of a WebSocket, as far as is known. */
export interface WebSocketPeer {
  /** Where it is reached from, for messages. */
  readonly remoteAddress: string
  /** How it calls itself. Nothing proves it but what `authenticate` has checked. */
  readonly claimedAddress: string
  /** What `authenticate` returned for it; undefined for a server that was dialled. */
  readonly authentication: unknown
}

/** Whether the other end may speak as this server; a throw's message is the reason why not. */
export type VerifyWebSocketPeer = (socket: WebSocketPeer, peer: Peer) => boolean | PromiseLike<boolean>

/** How a layer is set up, whatever makes its sockets. Durations are milliseconds. */
export interface WebSocketStreamLayerOptions {
  /** How others call this server: a `ws:` or `wss:` URL that leads here, or any name if nothing does. */
  readonly address: string
  /** Opens a WebSocket to a URL; gives up after `timeout`, 0 being no limit. */
  readonly connect: (url: string, timeout: number) => Promise<MessageSocket>
  /** Servers to stay connected with, so that they reach this one though it cannot be dialled. */
  readonly stayConnected?: readonly string[] | undefined
  /** The pause before another attempt to connect with these. Default 1,000. */
  readonly reconnectInterval?: number | undefined
  readonly verifyPeer?: VerifyWebSocketPeer | undefined
  /** Streams that one server may have open here. Default 256. */
  readonly maxStreams?: number | undefined
  /** How long the other end may take to say who it is. Default 10,000. */
  readonly helloTimeout?: number | undefined
  readonly clock?: Clock | undefined
  /** Called once, when the layer is closed. */
  readonly onClosed?: (() => void | Promise<void>) | undefined
}

interface AcceptWaiter {
  resolve(stream: StreamConnection): void
  reject(error: Error): void
}

/**
 * Streams over WebSockets. One WebSocket carries all streams between two servers, in both directions: a server that
 * cannot be dialled is reached over the one that it dialled.
 */
export class WebSocketStreamLayer implements StreamLayer {
  readonly address: string
  readonly #options: WebSocketStreamLayerOptions
  readonly #clock: Clock
  readonly #sessions = new Set<Session>()
  /** The session over which an address is reached; the newest one counts. */
  readonly #routes = new Map<string, Session>()
  readonly #dialling = new Map<string, Promise<Session>>()
  readonly #streams: StreamConnection[] = []
  readonly #waiters: AcceptWaiter[] = []
  #closed = false

  constructor(options: WebSocketStreamLayerOptions) {
    this.address = options.address
    this.#options = options
    this.#clock = options.clock ?? systemClock()
    for (const url of options.stayConnected ?? []) this.#stayConnected(url)
  }

  accept(): Promise<StreamConnection> {
    if (this.#closed) return Promise.reject(new TransportShutdownError())
    const stream = this.#streams.shift()
    if (stream !== undefined) return Promise.resolve(stream)
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }))
  }

  /** A stream to the address: over a WebSocket that is there, or over a new one if the address is a URL. */
  async dial(address: string, timeout: number): Promise<StreamConnection> {
    const session = this.#routes.get(address) ?? (await this.#connect(address, timeout))
    return session.begin()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const waiter of this.#waiters.splice(0)) waiter.reject(new TransportShutdownError())
    for (const session of this.#sessions) session.end(new TransportShutdownError())
    await this.#options.onClosed?.()
  }

  /** Takes a WebSocket that somebody else opened, once it was authenticated. */
  welcome(socket: MessageSocket, authentication: unknown): void {
    this.#begin(socket, authentication).catch(() => undefined)
  }

  #connect(address: string, timeout: number): Promise<Session> {
    if (this.#closed) return Promise.reject(new TransportShutdownError())
    if (!isURL(address)) {
      return Promise.reject(new ConnectionError(`${address} is not connected, and is no ws: or wss: URL to dial`))
    }
    const underWay = this.#dialling.get(address)
    if (underWay !== undefined) return underWay
    const dialling = this.#open(address, timeout).finally(() => this.#dialling.delete(address))
    this.#dialling.set(address, dialling)
    return dialling
  }

  async #open(address: string, timeout: number): Promise<Session> {
    const socket = await this.#options.connect(address, timeout)
    const session = await this.#begin(socket, undefined)
    if (session.error !== undefined) throw session.error
    // It leads where it was dialled, whatever the other end calls itself.
    this.#routes.set(address, session)
    return session
  }

  /** The session on a new WebSocket, once the other end has said who it is. */
  #begin(socket: MessageSocket, authentication: unknown): Promise<Session> {
    if (this.#closed) {
      socket.destroy()
      return Promise.reject(new TransportShutdownError())
    }
    return new Promise((resolve, reject) => {
      const timeout = this.#options.helloTimeout ?? 10_000
      const timer = this.#clock.setTimer(
        () => session.end(new ConnectionError(`${socket.remoteAddress} said nothing`)),
        timeout,
      )
      const session = new Session({
        socket,
        address: this.address,
        identity: (claimedAddress) =>
          this.#identityOf({ remoteAddress: socket.remoteAddress, claimedAddress, authentication }),
        maxStreams: this.#options.maxStreams ?? 256,
        onHello: (said) => {
          this.#clock.clearTimer(timer)
          this.#onHello(said)
          resolve(said)
        },
        onStream: (stream) => this.#onStream(stream),
        onGone: (gone, error) => {
          this.#clock.clearTimer(timer)
          this.#onGone(gone)
          reject(error)
        },
      })
      this.#sessions.add(session)
    })
  }

  #onHello(session: Session): void {
    const address = session.peerAddress!
    // A URL can be dialled, so that nobody becomes the way to it by claiming its name.
    if (!isURL(address)) this.#routes.set(address, session)
  }

  #onStream(stream: StreamConnection): void {
    const waiter = this.#waiters.shift()
    if (waiter === undefined) this.#streams.push(stream)
    else waiter.resolve(stream)
  }

  #onGone(session: Session): void {
    this.#sessions.delete(session)
    for (const [address, route] of this.#routes) if (route === session) this.#routes.delete(address)
  }

  #identityOf(socket: WebSocketPeer): StreamIdentity | undefined {
    const { verifyPeer } = this.#options
    return verifyPeer === undefined ? undefined : { verify: (peer) => verifyPeer(socket, peer) }
  }

  /** Connects, and again whenever that has ended. */
  #stayConnected(url: string): void {
    if (this.#closed) return
    const again = (): void => {
      this.#clock.setTimer(() => this.#stayConnected(url), this.#options.reconnectInterval ?? 1_000)
    }
    const route = this.#routes.get(url)
    if (route !== undefined) return again()
    this.#connect(url, this.#options.helloTimeout ?? 10_000).then(again, again)
  }
}

function isURL(address: string): boolean {
  return address.startsWith('ws://') || address.startsWith('wss://')
}
