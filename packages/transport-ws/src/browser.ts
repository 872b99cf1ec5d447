/**
 * The WebSocket transport for browsers and other places that have a `WebSocket` of their own and cannot be dialled.
 *
 * @packageDocumentation
 */
import { NetworkTransport, type NetworkTransportOptions } from '@raft/core/wire'
import { connectPlatformSocket } from './platform-socket.ts'
import { type VerifyWebSocketPeer, WebSocketStreamLayer } from './websocket-stream-layer.ts'

export {
  type VerifyWebSocketPeer,
  type WebSocketPeer,
  WebSocketStreamLayer,
  type WebSocketStreamLayerOptions,
} from './websocket-stream-layer.ts'
export type { MessageReceiver, MessageSocket } from './message-socket.ts'

/** How a transport in a browser is set up. Durations are milliseconds. */
export interface WebSocketConnectOptions extends NetworkTransportOptions {
  /** What this server is called in the configuration; any name that no other server has. */
  readonly address: string
  /** The URLs of the servers to stay connected with. */
  readonly servers: readonly string[]
  /** The pause before another attempt to connect with these. Default 1,000. */
  readonly reconnectInterval?: number | undefined
  readonly verifyPeer?: VerifyWebSocketPeer | undefined
  /** Streams that one server may have open here. Default 256. */
  readonly maxStreams?: number | undefined
}

/** A transport that dials, and is reached over what it dialled. A server behind it is best a non-voter. */
export class WebSocketTransport extends NetworkTransport {
  /** Dials the servers and stays connected with them. It does not wait until they are reached. */
  static connect(options: WebSocketConnectOptions): WebSocketTransport {
    const stream = new WebSocketStreamLayer({
      ...options,
      stayConnected: options.servers,
      connect: connectPlatformSocket,
    })
    return new WebSocketTransport({ ...options, stream })
  }
}
