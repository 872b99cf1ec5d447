import {
  type AnyRPC,
  ConnectionError,
  type RPC,
  type RPCName,
  type RPCRequests,
  type RPCResponses,
  RemoteError,
} from '@raft/core'

/** What a call is about, and what it carries. */
export interface CallContent<K extends RPCName> {
  readonly type: K
  readonly command: RPCRequests[K]
  readonly data?: AsyncIterable<Uint8Array> | undefined
  /** Bytes of `data` that the receiver may read. */
  readonly size?: number
}

/** A request on its way through memory, and its answer. Settles once, whoever is first: the peer, a deadline, a close. */
export class InmemCall<K extends RPCName = RPCName> {
  readonly content: CallContent<K>
  readonly answer: Promise<RPCResponses[K]>
  /** Called once the peer has taken the request in. */
  onTaken: (() => void) | undefined
  readonly #hooks: (() => void)[] = []
  #resolve!: (response: RPCResponses[K]) => void
  #reject!: (error: Error) => void
  #settled = false
  #answered = false

  constructor(content: CallContent<K>) {
    this.content = content
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Whoever waits hears of a failure; if nobody does, as in a pipeline that was let go, it is no unhandled rejection.
    this.answer.catch(() => {})
  }

  get settled(): boolean {
    return this.#settled
  }

  /** Calls back when the call is over, whatever its end; at once if it is. */
  whenSettled(fn: () => void): void {
    if (this.#settled) fn()
    else this.#hooks.push(fn)
  }

  /** What the receiver's handler is given. */
  toRPC(): AnyRPC {
    const { type, command, data, size } = this.content
    const reader = data === undefined ? undefined : new BoundedReader(data, size ?? 0, () => this.#settled)
    const rpc: RPC<K> = {
      type,
      command,
      reader,
      respond: (response, error) => {
        if (this.#answered) return
        this.#answered = true
        if (reader === undefined || reader.finished) this.#finish(response, error)
        else
          void reader.drain().then(
            () => this.#finish(response, error),
            (failure: unknown) => this.fail(asError(failure)),
          )
      },
    }
    return rpc as AnyRPC
  }

  /** Ends the call without an answer. Does nothing if it is over. */
  fail(error: Error): void {
    if (this.#settled) return
    this.#end()
    this.#reject(error)
  }

  #finish(response: RPCResponses[K] | undefined, error: Error | undefined): void {
    if (error !== undefined) return this.fail(new RemoteError(error.message))
    // A handler that answers with nothing at all must not crash whoever asked (Q28).
    if (response === undefined) return this.fail(new RemoteError('empty response'))
    if (this.#settled) return
    this.#end()
    this.#resolve(response)
  }

  #end(): void {
    this.#settled = true
    for (const hook of this.#hooks.splice(0)) hook()
  }
}

/** At most `size` bytes of a source, read once, whatever is left of it drained. */
class BoundedReader implements AsyncIterable<Uint8Array> {
  readonly #iterator: AsyncIterator<Uint8Array>
  readonly #ended: () => boolean
  #left: number

  constructor(data: AsyncIterable<Uint8Array>, size: number, ended: () => boolean) {
    this.#iterator = data[Symbol.asyncIterator]()
    this.#ended = ended
    this.#left = size
  }

  get finished(): boolean {
    return this.#left === 0
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    // No `return`: a reader that stops half-way leaves the rest to be drained.
    return { next: () => this.#next() }
  }

  async drain(): Promise<void> {
    while (!this.finished) await this.#next()
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#left === 0) return { done: true, value: undefined }
    if (this.#ended()) throw new ConnectionError('connection closed')
    const { done, value } = await this.#iterator.next()
    if (done === true) {
      this.#left = 0
      throw new ConnectionError('short read')
    }
    const chunk = value.length > this.#left ? value.subarray(0, this.#left) : value
    this.#left -= chunk.length
    return { done: false, value: chunk }
  }
}

function asError(failure: unknown): Error {
  return failure instanceof Error ? failure : new Error(String(failure))
}
