import assert from 'node:assert/strict'
import type { AnyRPC, Awaitable, Peer, RPCName, RPCRequests, RPCResponses, Transport } from '@raft/core'
import type { ConformanceCase } from './case.ts'

/** Two transports that can reach each other, and how time passes for them. */
export interface TransportPair {
  readonly first: Transport
  readonly second: Transport
  /** Lets time pass, in milliseconds of the transports' clock. Default: waits. */
  readonly pass?: ((duration: number) => Awaitable<void>) | undefined
  /** Releases what is not the transports themselves. The suite closes those. */
  readonly dispose?: (() => Awaitable<void>) | undefined
}

/** What the suite asks of an adapter. */
export interface TransportSuiteOptions {
  /** Makes a new pair. Each transport has the `timeout` of the options. */
  create(options: { readonly timeout: number }): Awaitable<TransportPair>
  /** Milliseconds after which a request without an answer is given up. Default 1,000: real sockets on a busy machine are slow. */
  readonly timeout?: number | undefined
  /** The transports refuse pipelines, so the cases about them are skipped. */
  readonly withoutPipeline?: boolean | undefined
}

/** One rule of the contract of `Transport`. */
export type TransportCase = ConformanceCase<TransportFixture>

/** Why a case does not concern a transport that does without something optional. */
export const without = {
  pipeline: (fixture: TransportFixture) => (fixture.pipelines ? undefined : 'the adapter has no pipelines'),
  preVote: ({ first }: TransportFixture) => (first.requestPreVote ? undefined : 'the adapter has no requestPreVote'),
  close: ({ first }: TransportFixture) => (first.close ? undefined : 'the adapter has no close'),
} as const

/** What one case has at hand. Requests go from `first` to `second` unless it says otherwise. */
export class TransportFixture {
  readonly first: Transport
  readonly second: Transport
  readonly timeout: number
  readonly pipelines: boolean
  /** `second`, as `first` calls it. */
  readonly peer: Peer
  /** Requests that reached `second`, in order, if `record` or `answer` takes them. */
  readonly received: AnyRPC[] = []
  readonly #pair: TransportPair

  constructor(pair: TransportPair, options: { readonly timeout: number; readonly pipelines: boolean }) {
    this.#pair = pair
    this.first = pair.first
    this.second = pair.second
    this.timeout = options.timeout
    this.pipelines = options.pipelines
    this.peer = { id: 'second', address: pair.second.localAddress }
  }

  /** Hands every request that reaches `second` to `fn`, and keeps it. */
  answer(fn: (rpc: AnyRPC) => void): void {
    this.second.setRPCHandler((rpc) => {
      this.received.push(rpc)
      fn(rpc)
    })
  }

  /** Answers every request that reaches `second` with the same message. */
  answerWith<K extends RPCName>(response: RPCResponses[K]): void {
    this.answer((rpc) => (rpc as { respond(response: unknown): void }).respond(response))
  }

  async pass(duration: number): Promise<void> {
    if (this.#pair.pass !== undefined) await this.#pair.pass(duration)
    else await new Promise((resolve) => setTimeout(resolve, duration))
  }

  /** Waits until the condition holds; fails with the text after ten seconds of the transports' clock. */
  async until(condition: () => boolean, what: string): Promise<void> {
    for (let waited = 0; !condition(); waited += 5) {
      assert.ok(waited < 10_000, `waited in vain until ${what}`)
      await this.pass(5)
    }
  }

  /** Waits for the promise while time passes, and hands on its end. Fails with the text after ten seconds. */
  async settle<T>(promise: Awaitable<T>, what: string): Promise<T> {
    let settled = false
    const watched = Promise.resolve(promise).finally(() => (settled = true))
    watched.catch(() => {})
    await this.until(() => settled, what)
    return await watched
  }

  /** The error that the promise rejects with; fails if it resolves, or never settles. */
  async failure(promise: Awaitable<unknown>, what: string): Promise<Error & { code?: string }> {
    try {
      await this.settle(promise, `${what} is rejected`)
    } catch (error) {
      assert.ok(error instanceof Error)
      return error
    }
    assert.fail(`${what} must be rejected`)
  }

  /** Sends a request by its name. */
  call<K extends Exclude<RPCName, 'installSnapshot'>>(type: K, request: RPCRequests[K]): Promise<RPCResponses[K]> {
    const send = this.first[type] as ((peer: Peer, request: RPCRequests[K]) => Promise<RPCResponses[K]>) | undefined
    assert.ok(send !== undefined, `the transport has ${type}`)
    return send.call(this.first, this.peer, request)
  }

  async dispose(): Promise<void> {
    await this.first.close?.()
    await this.second.close?.()
    await this.#pair.dispose?.()
  }
}

/** Fails unless both are the same message: bytes by their content, and `undefined` like a field that is not there. */
export function assertSame(actual: unknown, expected: unknown, message?: string): void {
  assert.deepEqual(plain(actual), plain(expected), message)
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(fields.map(([name, field]) => [name, plain(field)]))
}
