import type { Transport } from '../interfaces/transport.ts'
import type { Peer } from '../types/identity.ts'
import type { RPCHeader } from '../types/messages.ts'

/** The header of what this server sends, and of its answers. */
export function requestHeader(transport: Transport, self: Peer, protocolVersion: number): RPCHeader {
  return { protocolVersion, id: new TextEncoder().encode(self.id), address: transport.encodePeer(self) }
}

/** The header of answers that carry none. */
export const zeroHeader: RPCHeader = { protocolVersion: 0, id: undefined, address: undefined }
