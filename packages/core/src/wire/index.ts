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
