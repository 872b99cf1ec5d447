import type { Configuration, Server } from '../../types/configuration.ts'
import type { Peer } from '../../types/identity.ts'
import { decoded } from './reader.ts'
import { encoded } from './writer.ts'

/** What a transport has for peers: the bytes that stand for one on the wire, and back. */
export interface PeerCodec {
  encodePeer(peer: Peer): Uint8Array
  decodePeer(bytes: Uint8Array): string
}

const maxPeers = 65_536

/**
 * The voters of a configuration in the form of protocol versions below 2 (spec §2.3): their addresses as the transport
 * encodes them. Other members have no place in it. No voters are nil.
 */
export function encodePeers(configuration: Configuration, codec: PeerCodec): Uint8Array {
  const voters = configuration.servers.filter((server) => server.suffrage === 'Voter')
  return encoded((writer) => {
    if (voters.length === 0) return writer.nil()
    writer.array(voters.length)
    for (const { id, address } of voters) writer.bytesOrNil(codec.encodePeer({ id, address }))
  })
}

/** Reads what `encodePeers` wrote, or Go: every address is a voter whose ID is the address. Throws `DecodeError`. */
export function decodePeers(bytes: Uint8Array, codec: PeerCodec): Configuration {
  return decoded(bytes, (reader) => {
    const count = reader.arrayOrNil() ?? 0
    if (count > maxPeers) throw reader.unexpected(`at most ${maxPeers} peers`, `${count}`)
    const servers: Server[] = []
    for (let i = 0; i < count; i++) {
      const address = codec.decodePeer(reader.bytesOrNil() ?? new Uint8Array(0))
      servers.push({ suffrage: 'Voter', id: address, address })
    }
    return { servers }
  })
}
