import type { Peer } from '../types/identity.ts'
import type { Sender } from './events.ts'

/** The sender as a peer; its ID is '' if its header has none. */
export function peerOf(from: Sender): Peer {
  return { id: from.id ?? '', address: from.address }
}

/** Whether the sender's header has an ID. */
export function isNamed(from: Sender): from is Sender & { readonly id: string } {
  return from.id !== undefined && from.id !== ''
}

/** Whether the sender is that server: by ID where the header has one, else by address (H5). */
export function isSender(from: Sender, peer: Peer | undefined): boolean {
  if (peer === undefined) return false
  if (isNamed(from) && peer.id !== '') return from.id === peer.id
  return from.address === peer.address
}
