import { setTimeout as pause } from 'node:timers/promises'
import { HTTPClient, NoReply, type Reply } from './http-client.ts'

/** How a write ended. One that is `unknown` may have happened, or may yet happen. */
export type WriteEnd =
  | { readonly outcome: 'acknowledged'; readonly index: number }
  | { readonly outcome: 'unknown'; readonly reason: string }
  | { readonly outcome: 'rejected'; readonly reason: string }

/** Writes to whichever node leads. It sends a write again only if the write certainly did not happen. */
export class KeyValueClient {
  readonly #http = new HTTPClient()
  readonly #addresses: readonly string[]
  readonly #patience: number
  #target: number | string = 0

  /** `patience` is how long it looks for a leader, in milliseconds. */
  constructor(
    addresses: readonly string[],
    { patience = 10_000, first = 0 }: { patience?: number; first?: number } = {},
  ) {
    this.#addresses = addresses
    this.#patience = patience
    this.#target = first % addresses.length
  }

  async put(key: string, value: string): Promise<WriteEnd> {
    const deadline = performance.now() + this.#patience
    const path = `/kv/${encodeURIComponent(key)}`
    for (;;) {
      const end = await this.#once(path, value)
      if (end.outcome !== 'rejected' || performance.now() > deadline) return end
      if (typeof this.#target === 'number') await pause(20)
    }
  }

  close(): void {
    this.#http.close()
  }

  async #once(path: string, body: string): Promise<WriteEnd> {
    const http = typeof this.#target === 'string' ? this.#target : (this.#addresses[this.#target] ?? '')
    let reply: Reply
    try {
      reply = await this.#http.ask({ method: 'PUT', http, path, body })
    } catch (error) {
      if (!(error instanceof NoReply)) throw error
      this.#lookElsewhere(http)
      return { outcome: error.sent ? 'unknown' : 'rejected', reason: `${http}: ${error.message}` }
    }
    if (reply.status === 307 && reply.location !== undefined) {
      this.#target = new URL(reply.location).host
      return { outcome: 'rejected', reason: `${http}: not the leader` }
    }
    const answer = JSON.parse(new TextDecoder().decode(reply.body)) as Record<string, unknown>
    if (reply.status === 200) return { outcome: 'acknowledged', index: Number(answer['index']) }
    this.#lookElsewhere(http)
    const outcome = answer['outcome'] === 'rejected' ? 'rejected' : 'unknown'
    return { outcome, reason: `${http}: ${reply.status} ${String(answer['error'])}` }
  }

  /** Goes on with the next address of the list. */
  #lookElsewhere(http: string): void {
    this.#target = (this.#addresses.indexOf(http) + 1) % this.#addresses.length
  }
}
