import type { MessageReceiver, MessageSocket } from '../src/message-socket.ts'

/** An end of a WebSocket in memory. */
class MemorySocket implements MessageSocket {
  readonly remoteAddress: string
  other: MemorySocket | undefined
  /** Every message that was sent from this end. */
  readonly sent: Uint8Array[] = []
  readonly #early: Uint8Array[] = []
  #receiver: MessageReceiver | undefined
  #closed = false

  constructor(remoteAddress: string) {
    this.remoteAddress = remoteAddress
  }

  open(receiver: MessageReceiver): void {
    this.#receiver = receiver
    for (const bytes of this.#early.splice(0)) receiver.onMessage(bytes)
  }

  send(bytes: Uint8Array): void {
    if (this.#closed) return
    this.sent.push(bytes)
    queueMicrotask(() => this.other?.deliver(bytes))
  }

  deliver(bytes: Uint8Array): void {
    if (this.#closed) return
    if (this.#receiver === undefined) this.#early.push(bytes)
    else this.#receiver.onMessage(bytes)
  }

  destroy(): void {
    for (const end of [this, this.other]) end?.close()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    queueMicrotask(() => this.#receiver?.onClose())
  }
}

/** Both ends of a WebSocket that needs no network. */
export function socketPair(): readonly [MemorySocket, MemorySocket] {
  const first = new MemorySocket('second')
  const second = new MemorySocket('first')
  first.other = second
  second.other = first
  return [first, second]
}
