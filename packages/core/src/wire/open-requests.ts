import type { AnyRPC } from '../interfaces/transport.ts'
import type { RPCName, RPCResponses } from '../types/messages.ts'
import type { SnapshotBody } from './snapshot-body.ts'

/** Bytes of requests that were handed over and not answered, beyond which no more are. */
const mostBytes = 4_194_304

/** A request that was read and not answered. */
export interface OpenRequest {
  readonly rpc: AnyRPC
  /** How the measurements call it. */
  readonly label: string
  readonly bytes: number
  readonly body: SnapshotBody | undefined
  /** When it was read and when it was handed over, where anybody measures. */
  readAt: number
  handedOverAt: number
  answer: { readonly response: RPCResponses[RPCName] | undefined; readonly error: Error | undefined } | undefined
}

/** The requests of a connection that are under way, in the order in which they have to be answered. */
export class OpenRequests {
  readonly #queue: OpenRequest[] = []
  readonly #most: number
  #bytes = 0

  /** `most`: requests that may be under way at a time. */
  constructor(most: number) {
    this.#most = most
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0
  }

  /** A snapshot of which bytes are still to come. */
  get arriving(): SnapshotBody | undefined {
    const body = this.#queue.at(-1)?.body
    return body?.isArriving === true ? body : undefined
  }

  /** Nothing can be added: AppendEntries may be several, anything else is alone. */
  get isFull(): boolean {
    const last = this.#queue.at(-1)
    if (last === undefined) return false
    return this.#queue.length >= this.#most || this.#bytes >= mostBytes || last.rpc.type !== 'appendEntries'
  }

  add(open: OpenRequest): void {
    this.#queue.push(open)
    this.#bytes += open.bytes
  }

  /** Takes the oldest request out, if its answer may be sent: a snapshot is answered once all of it has come. */
  takeAnswered(): OpenRequest | undefined {
    const open = this.#queue[0]
    if (open?.answer === undefined || open.body?.isArriving === true) return undefined
    this.#queue.shift()
    this.#bytes -= open.bytes
    return open
  }

  /** No answer can be sent any more, and no more of a snapshot comes. */
  fail(error: Error | undefined): void {
    for (const open of this.#queue.splice(0)) open.body?.fail(error)
  }
}
