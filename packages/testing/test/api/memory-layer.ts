import type { StreamConnection, StreamLayer, StreamReceiver } from '@raft/core/wire'

/** One end of a connection in memory, without limits. */
class MemoryConnection implements StreamConnection {
  readonly remoteAddress: string
  other!: MemoryConnection
  #receiver: StreamReceiver | undefined
  readonly #early: Uint8Array[] = []

  constructor(remoteAddress: string) {
    this.remoteAddress = remoteAddress
  }

  open(receiver: StreamReceiver): void {
    this.#receiver = receiver
    for (const chunk of this.#early.splice(0)) queueMicrotask(() => receiver.onChunk(chunk))
  }

  write(chunk: Uint8Array): boolean {
    const { other } = this
    const copy = chunk.slice()
    if (other.#receiver === undefined) other.#early.push(copy)
    else queueMicrotask(() => other.#receiver!.onChunk(copy))
    return true
  }

  pause(): void {}

  resume(): void {}

  close(): void {
    for (const end of [this, this.other]) queueMicrotask(() => end.#receiver?.onClose())
  }

  destroy(): void {
    this.close()
  }
}

/** Streams between layers of one process. */
export class MemoryLayer implements StreamLayer {
  readonly address: string
  readonly #network: Map<string, MemoryLayer>
  readonly #made: MemoryConnection[] = []
  #accepting: ((connection: StreamConnection) => void) | undefined

  constructor(address: string, network: Map<string, MemoryLayer>) {
    this.address = address
    this.#network = network
    network.set(address, this)
  }

  accept(): Promise<StreamConnection> {
    const made = this.#made.shift()
    if (made !== undefined) return Promise.resolve(made)
    return new Promise((resolve) => {
      this.#accepting = resolve
    })
  }

  dial(address: string): Promise<StreamConnection> {
    const target = this.#network.get(address)
    if (target === undefined) return Promise.reject(new Error('nobody is there'))
    const [near, far] = [new MemoryConnection(address), new MemoryConnection(this.address)]
    near.other = far
    far.other = near
    const accepting = target.#accepting
    target.#accepting = undefined
    if (accepting === undefined) target.#made.push(far)
    else accepting(far)
    return Promise.resolve(near)
  }

  close(): void {
    this.#network.delete(this.address)
  }
}
