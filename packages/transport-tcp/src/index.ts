/**
 * Transport for @raft/core over TCP and TLS, with the bytes of hashicorp/raft.
 *
 * @packageDocumentation
 */
export type { ServerAddressProvider } from '@raft/core'
export {
  DEFAULT_MAX_RPCS_IN_FLIGHT,
  DEFAULT_TIMEOUT_SCALE,
  NetworkTransport,
  type NetworkTransportConfig,
  type NetworkTransportOptions,
  type StreamConnection,
  type StreamIdentity,
  type StreamLayer,
  type StreamReceiver,
} from '@raft/core/wire'
export { TCPStreamLayer, type TCPStreamLayerOptions } from './tcp-stream-layer.ts'
export { TCPTransport, type TCPTransportOptions } from './tcp-transport.ts'
export type { TLSOptions, VerifyPeer } from './tls-options.ts'
export { type TLSCredentials, TLSStreamLayer, type TLSStreamLayerOptions } from './tls-stream-layer.ts'
