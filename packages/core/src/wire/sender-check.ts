import type { Peer } from '../types/identity.ts'
import type { RPCHeader } from '../types/messages.ts'
import type { StreamIdentity } from './stream-layer.ts'

/** Who a request says that it is from, where that is not proven. */
export interface RefusedSender extends Peer {
  readonly error: unknown
}

/** Names of one sender that are remembered. */
const mostAccepted = 16

const decoder = new TextDecoder()

/** Compares who requests say they are from with who the connection is known to be from, once for each name. */
export class SenderCheck {
  readonly #identity: StreamIdentity | undefined
  readonly #settled: (refused?: RefusedSender) => void
  readonly #accepted = new Set<string>()
  #underWay = false

  /** `settled` is called after `accepts` was false, once it is known what to make of that sender. */
  constructor(identity: StreamIdentity | undefined, settled: (refused?: RefusedSender) => void) {
    this.#identity = identity
    this.#settled = settled
  }

  /** Whether the sender is accepted; false is not known yet. */
  accepts(header: RPCHeader): boolean {
    if (this.#identity === undefined) return true
    if (this.#underWay) return false
    const peer = { id: textOf(header.id), address: textOf(header.address) }
    const key = JSON.stringify([peer.id, peer.address])
    if (this.#accepted.has(key)) return true
    void this.#ask(this.#identity, peer)
    return false
  }

  async #ask(identity: StreamIdentity, peer: Peer): Promise<void> {
    this.#underWay = true
    let refused: RefusedSender | undefined
    // Later even if the answer is known at once, so that the caller has `false` first.
    await Promise.resolve()
    try {
      if (!(await identity.verify(peer))) refused = { ...peer, error: undefined }
    } catch (error) {
      refused = { ...peer, error }
    }
    this.#underWay = false
    if (refused === undefined) {
      // A connection has one server at its end; that it may call itself anything must not cost memory.
      if (this.#accepted.size >= mostAccepted) this.#accepted.clear()
      this.#accepted.add(JSON.stringify([peer.id, peer.address]))
    }
    this.#settled(refused)
  }
}

/** An ID or address of a header as text; nil is empty. */
export function textOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : decoder.decode(bytes)
}
