import { ConnectionError, type RPC, type RPCName, type RPCRequests, type RPCResponses, RemoteError } from '@raft/core'

/** What a call is about, and what it carries. */
export interface CallContent<K extends RPCName> {
  readonly type: K
  readonly command: RPCRequests[K]
  readonly data?: AsyncIterable<Uint8Array> | undefined
  /** Bytes of `data` that the receiver may read. */
  readonly size?: number
}

/** How a call ended: with an answer, or with an error. */
export type CallEnd<K extends RPCName> = (response: RPCResponses[K] | undefined, error: Error | undefined) => void

/** A request on its way through memory; the receiver's handler is given it as it is. */
export class InmemCall<K extends RPCName = RPCName> implements RPC<K> {
  readonly type: K
  readonly command: RPCRequests[K]
  readonly reader: BoundedReader | undefined
  /** Called once the peer has taken the request in. */
  onTaken: (() => void) | undefined
  /** Where the receiver keeps it until it is over, and at which place. */
  takenBy: OpenCalls | undefined
  place = 0
  readonly #ended: CallEnd<K>
  #settled = false
  #answered = false

  /** `ended` is called once, whoever is first: the peer, a deadline, a close. */
  constructor({ type, command, data, size }: CallContent<K>, ended: CallEnd<K>) {
    this.type = type
    this.command = command
    this.reader = data === undefined ? undefined : new BoundedReader(data, size ?? 0, () => this.#settled)
    this.#ended = ended
  }

  get settled(): boolean {
    return this.#settled
  }

  /** A property, since handlers take it out of the request. */
  readonly respond = (response: RPCResponses[K] | undefined, error?: Error): void => {
    if (this.#answered) return
    this.#answered = true
    if (this.reader === undefined || this.reader.finished) return this.#finish(response, error)
    void this.reader.drain().then(
      () => this.#finish(response, error),
      (failure: unknown) => this.fail(asError(failure)),
    )
  }

  /** Ends the call without an answer. Does nothing if it is over. */
  fail(error: Error): void {
    this.#end(undefined, error)
  }

  #finish(response: RPCResponses[K] | undefined, error: Error | undefined): void {
    if (error !== undefined) return this.fail(new RemoteError(error.message))
    // A handler that answers with nothing at all must not crash whoever asked (Q28).
    if (response === undefined) return this.fail(new RemoteError('empty response'))
    this.#end(response, undefined)
  }

  #end(response: RPCResponses[K] | undefined, error: Error | undefined): void {
    if (this.#settled) return
    this.#settled = true
    this.takenBy?.remove(this as unknown as InmemCall)
    this.#ended(response, error)
  }
}

/** Calls that are not over, in no order. Each knows its place: there are two for every entry, and no hashing. */
export class OpenCalls {
  readonly #calls: InmemCall[] = []

  add(call: InmemCall): void {
    call.takenBy = this
    call.place = this.#calls.push(call) - 1
  }

  /** Takes out a call that is here; the last one takes its place. */
  remove(call: InmemCall): void {
    const last = this.#calls.pop()!
    if (last === call) return
    this.#calls[call.place] = last
    last.place = call.place
  }

  /** All of them now. */
  all(): readonly InmemCall[] {
    return [...this.#calls]
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
