import { ConnectionError } from '@raft/core'
import type { Exchange, Stream } from './exchange.ts'
import type { SimulatedNetwork } from './simulated-network.ts'
import type { SimulatedTransport } from './simulated-transport.ts'

/** The bytes of a snapshot on their way: each piece is read at the sender when the receiver asks for it, and travels. */
export class Transfer implements AsyncIterable<Uint8Array> {
  readonly #exchange: Exchange
  readonly #receiver: SimulatedTransport
  readonly #network: SimulatedNetwork
  readonly #source: AsyncIterator<Uint8Array>
  readonly #stream: Stream = { requestsAfter: 0, responsesAfter: 0, broken: false }
  #left: number
  #stop: ((error: Error) => void) | undefined

  constructor(exchange: Exchange, receiver: SimulatedTransport, network: SimulatedNetwork) {
    this.#exchange = exchange
    this.#receiver = receiver
    this.#network = network
    this.#source = exchange.content.data![Symbol.asyncIterator]()
    this.#left = (exchange.content as Exchange<'installSnapshot'>['content']).command.size
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#next() }
  }

  /** The exchange is over: whoever still reads gets an error. */
  stop(): void {
    this.#stop?.(new ConnectionError('connection closed'))
  }

  #next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#left === 0) return Promise.resolve({ done: true, value: undefined })
    if (this.#exchange.isSettled) return Promise.reject(new ConnectionError('connection closed'))
    return new Promise((resolve, reject) => {
      this.#stop = (error) => this.#receiver.process.run(() => reject(error))
      const { from } = this.#exchange
      from.process.run(() => {
        this.#source.next().then(
          ({ done, value }) => this.#send(done === true ? undefined : value, resolve),
          (error: unknown) => this.#break(error instanceof Error ? error : new Error(String(error))),
        )
      })
    })
  }

  #send(value: Uint8Array | undefined, resolve: (result: IteratorResult<Uint8Array>) => void): void {
    if (value === undefined) return this.#break(new ConnectionError('short read'))
    // Copied: the sender may use the memory again.
    const chunk = value.slice(0, this.#left)
    this.#left -= chunk.length
    const { from, to } = this.#exchange
    this.#network.travel(from.localAddress, to, this.#stream, 'requests', () => {
      this.#receiver.process.run(() => resolve({ done: false, value: chunk }))
    })
  }

  #break(error: Error): void {
    this.#exchange.fail(error)
    this.#stop?.(error)
  }
}
