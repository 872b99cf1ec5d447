import type { RPCName } from '@raft/core'
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse, type NamedRequest } from '@raft/core/wire'

/** A message that came by. The answer knows its request. */
export type Message =
  | { readonly kind: 'request'; readonly request: NamedRequest }
  | { readonly kind: 'response'; readonly request: NamedRequest; readonly response: object | undefined }

/** More than this without a message is none. */
const patience = 8 * 1_024 * 1_024

/**
 * Reads along on one connection. Every message is also written again, which must give the same bytes: so far has every
 * server, whoever wrote it, the same way to say things.
 */
export class MessageStream {
  readonly #onMessage: (message: Message) => void
  readonly #waiting: NamedRequest[] = []
  #requests = new Uint8Array(0)
  #responses = new Uint8Array(0)
  /** Bytes of a snapshot that are still to come. */
  #raw = 0
  /** Why the connection cannot be read any further. */
  failure: string | undefined

  constructor(onMessage: (message: Message) => void) {
    this.#onMessage = onMessage
  }

  /** Bytes from whoever dialled. */
  sent(chunk: Uint8Array): void {
    if (this.failure !== undefined) return
    const skipped = Math.min(this.#raw, chunk.length)
    this.#raw -= skipped
    this.#requests = join(this.#requests, chunk.subarray(skipped))
    while (this.#requests.length > 0 && this.#takeRequest()) continue
    this.#giveUp(this.#requests, 'requests')
  }

  /** Bytes to whoever dialled. */
  received(chunk: Uint8Array): void {
    if (this.failure !== undefined) return
    this.#responses = join(this.#responses, chunk)
    while (this.#responses.length > 0 && this.#takeResponse()) continue
    this.#giveUp(this.#responses, 'responses')
  }

  #takeRequest(): boolean {
    const request = attempt(() => decodeRequest(this.#requests))
    if (request === undefined) return false
    const length = this.#lengthOf(this.#requests, (newTimeFormat) =>
      encodeRequest(request.type, request.request, { newTimeFormat }),
    )
    if (length === undefined) return false
    // Whoever gets the message may keep it: the bytes are not used again.
    let rest = this.#requests.subarray(length)
    if (request.type === 'installSnapshot') {
      const here = Math.min(request.request.size, rest.length)
      this.#raw = request.request.size - here
      rest = rest.subarray(here)
    }
    this.#requests = rest
    this.#waiting.push(request)
    this.#onMessage({ kind: 'request', request })
    return true
  }

  #takeResponse(): boolean {
    const [request] = this.#waiting
    if (request === undefined) return false
    const type: RPCName = request.type
    const answer = attempt(() => decodeResponse(type, this.#responses))
    if (answer === undefined) return false
    const length = this.#lengthOf(this.#responses, () => encodeResponse(type, answer.response, answer.error))
    if (length === undefined) return false
    this.#responses = this.#responses.subarray(length)
    this.#waiting.shift()
    this.#onMessage({ kind: 'response', request, response: answer.response })
    return true
  }

  #lengthOf(bytes: Uint8Array, encode: (newTimeFormat: boolean) => Uint8Array): number | undefined {
    for (const newTimeFormat of [false, true]) {
      const again = encode(newTimeFormat)
      if (Buffer.compare(again, bytes.subarray(0, again.length)) === 0) return again.length
    }
    this.failure = `a message is not written the way we write it: ${Buffer.from(bytes.subarray(0, 200)).toString('hex')}`
    return undefined
  }

  #giveUp(bytes: Uint8Array, what: string): void {
    if (bytes.length > patience) this.failure ??= `${bytes.length} bytes of ${what} make no message`
  }
}

function join(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat([one, other]))
}

function attempt<T>(decode: () => T): T | undefined {
  try {
    return decode()
  } catch {
    return undefined
  }
}
