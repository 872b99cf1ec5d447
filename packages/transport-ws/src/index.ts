/**
 * Raft's messages over WebSocket: one connection for both directions, so that servers that cannot be dialled take part.
 *
 * @packageDocumentation
 */
export type { MessageReceiver, MessageSocket } from './message-socket.ts'
export {
  type VerifyWebSocketPeer,
  type WebSocketPeer,
  WebSocketStreamLayer,
  type WebSocketStreamLayerOptions,
} from './websocket-stream-layer.ts'
export {
  type WebSocketConnectOptions,
  type WebSocketListenOptions,
  WebSocketTransport,
  type WebSocketTransportOptions,
} from './websocket-transport.ts'
