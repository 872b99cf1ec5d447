/**
 * What transports share: the bytes of the wire, and the network transport over any layer of streams.
 *
 * @packageDocumentation
 */
export { decodeConfiguration, encodeConfiguration } from './codec/configuration.ts'
export { decodePeers, encodePeers, type PeerCodec } from './codec/legacy-peers.ts'
export { decodeLog, encodeLog } from './codec/log.ts'
export { DEFAULT_MAX_MESSAGE_BYTES } from './codec/reader.ts'
export {
  decodeRequest,
  decodeResponse,
  type DecodedResponse,
  type EncodeOptions,
  encodeRequest,
  encodeResponse,
  type NamedRequest,
  rpcNames,
} from './codec/rpc.ts'
export { systemClock } from '../clock/system-clock.ts'
export { Complaints } from './complaints.ts'
export { NetworkTransport } from './network-transport.ts'
export {
  DEFAULT_MAX_RPCS_IN_FLIGHT,
  DEFAULT_TIMEOUT_SCALE,
  type NetworkTransportConfig,
  type NetworkTransportOptions,
} from './network-transport-config.ts'
export type { StreamConnection, StreamIdentity, StreamLayer, StreamReceiver } from './stream-layer.ts'
