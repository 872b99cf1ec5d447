import type { Sender } from '../consensus/events.ts'
import type { ServerAddress } from '../types/identity.ts'
import type { RPCHeader } from '../types/messages.ts'

interface Known {
  readonly id: Uint8Array | undefined
  readonly address: Uint8Array | undefined
  readonly sender: Sender
}

/** More than the servers that talk to one server, as a rule. */
const REMEMBERED = 16

/** Decodes who sent a request. The last few are remembered: nearly every request comes from a handful of servers. */
export class SenderNames {
  readonly #decodePeer: (bytes: Uint8Array) => ServerAddress
  readonly #decoder = new TextDecoder()
  #known: Known[] = []

  constructor(decodePeer: (bytes: Uint8Array) => ServerAddress) {
    this.#decodePeer = decodePeer
  }

  /** `fallback` is the message's own field for the address, which versions without a header fill. */
  of(header: RPCHeader, fallback?: Uint8Array): Sender {
    const address = header.address !== undefined && header.address.length > 0 ? header.address : fallback
    const { id, protocolVersion } = header
    for (const known of this.#known) {
      const { sender } = known
      if (sender.protocolVersion === protocolVersion && same(known.id, id) && same(known.address, address))
        return sender
    }
    const sender: Sender = {
      protocolVersion,
      id: id === undefined || id.length === 0 ? undefined : this.#decoder.decode(id),
      address: address === undefined ? '' : this.#decodePeer(address),
    }
    // Copies: the bytes may be part of what a socket received, and must not keep it alive.
    this.#known = [{ id: id?.slice(), address: address?.slice(), sender }, ...this.#known.slice(0, REMEMBERED - 1)]
    return sender
  }
}

function same(left: Uint8Array | undefined, right: Uint8Array | undefined): boolean {
  if (left === right) return true
  if (left === undefined || right === undefined || left.length !== right.length) return false
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false
  return true
}
