import type { Clock } from '../interfaces/clock.ts'
import { ConnectionError, DecodeError, RaftError, RemoteError, RPCTimeoutError } from '../types/errors.ts'
import type { Peer } from '../types/identity.ts'
import type { RPCName, RPCRequests, RPCResponses } from '../types/messages.ts'
import type { EntriesWriter } from './codec/entries-writer.ts'
import type { Reader } from './codec/reader.ts'
import { type DecodedResponse, readResponseFrame, writeRequestFrame } from './codec/rpc.ts'
import { Deadline } from './deadline.ts'
import { Inbox } from './inbox.ts'
import { Outbox } from './outbox.ts'
import type { StreamConnection, StreamIdentity, StreamReceiver } from './stream-layer.ts'

/** Answers are small: the largest names the voters of a legacy configuration. */
const maxResponseBytes = 1_048_576

/** What a connection that was dialled is made of. */
export interface ClientConnectionOptions {
  readonly stream: StreamConnection
  readonly clock: Clock
  /** Where it leads: its key in the pool. */
  readonly target: string
  /** Shared by the connections of a transport. */
  readonly entriesWriter: EntriesWriter
}

/** Who gets the answer to a request. */
export interface Waiter<K extends RPCName> {
  readonly type: K
  readonly peer: Peer
  /** Milliseconds the answer may take once it is this request's turn; 0 is no limit. */
  readonly timeout: number
  readonly answered: (response: RPCResponses[K]) => void
  readonly failed: (error: Error) => void
}

/**
 * A connection to a server: sends requests and matches the answers, which come in the order of the requests. It does not
 * outlive an error, since its place in the stream is then lost; only an error that the peer sent leaves it as it was.
 */
export class ClientConnection implements StreamReceiver {
  readonly target: string
  /** Called once, when the connection can no longer be used. */
  onClosed: (() => void) | undefined
  /** Called when what was written has left. */
  drained: (() => void) | undefined
  readonly #stream: StreamConnection
  readonly #outbox: Outbox
  readonly #inbox = new Inbox(maxResponseBytes)
  readonly #deadline: Deadline
  readonly #entriesWriter: EntriesWriter
  readonly #verified = new Set<string>()
  readonly #waiting: Waiter<RPCName>[] = []
  readonly #read = (reader: Reader): DecodedResponse<RPCName> => readResponseFrame(reader, this.#waiting[0]!.type)
  #error: Error | undefined
  #endedByPeer = false

  constructor({ stream, clock, target, entriesWriter }: ClientConnectionOptions) {
    this.target = target
    this.#stream = stream
    this.#entriesWriter = entriesWriter
    this.#outbox = new Outbox(stream)
    this.#deadline = new Deadline(clock, () => this.#onDeadline())
    stream.open(this)
  }

  /** Why the connection can no longer be used. */
  get error(): Error | undefined {
    return this.#error
  }

  /** The peer, and not we, ended it, and nothing of an answer had arrived. */
  get endedUnanswered(): boolean {
    return this.#endedByPeer && this.#inbox.length === 0
  }

  /** Requests that are not answered. */
  get inFlight(): number {
    return this.#waiting.length
  }

  /**
   * Makes sure that the other end may speak as this server: `undefined` if that is settled. Rejects, and ends the
   * connection, if it may not.
   */
  verify(peer: Peer): Promise<void> | undefined {
    const { identity } = this.#stream
    if (identity === undefined || this.#verified.has(keyOf(peer))) return undefined
    return this.#ask(identity, peer)
  }

  async #ask(identity: StreamIdentity, peer: Peer): Promise<void> {
    try {
      if (!(await identity.verify(peer))) throw new Error('refused')
    } catch (cause) {
      this.fail(new ConnectionError(`${nameOf(peer)} did not prove who it is: ${(cause as Error).message}`, { cause }))
    }
    if (this.#error !== undefined) throw this.#error
    this.#verified.add(keyOf(peer))
  }

  /** Sends a request. It leaves once what runs now has returned. A request that cannot be encoded throws, and is not sent. */
  send<K extends RPCName>(waiter: Waiter<K>, request: RPCRequests[K]): void {
    if (this.#error !== undefined) return waiter.failed(this.#error)
    const { writer } = this.#outbox
    const before = writer.length
    try {
      writeRequestFrame(writer, waiter.type, request, this.#entriesWriter)
    } catch (error) {
      writer.truncate(before)
      throw error
    }
    this.#waiting.push(waiter as unknown as Waiter<RPCName>)
    if (this.#waiting.length === 1) this.#deadline.set(waiter.timeout)
    this.#outbox.schedule()
  }

  /** `send` with a promise of the answer. */
  call<K extends RPCName>(
    request: RPCRequests[K],
    to: Pick<Waiter<K>, 'type' | 'peer' | 'timeout'>,
  ): Promise<RPCResponses[K]> {
    return new Promise((answered, failed) => this.send({ ...to, answered, failed }, request))
  }

  /** Sends bytes that follow a request. False: wait until `drained` is called. */
  write(bytes: Uint8Array): boolean {
    this.#outbox.flush()
    return this.#stream.write(bytes)
  }

  /** Ends the connection; requests that are not answered fail with the error. */
  fail(error: Error): void {
    if (this.#error !== undefined) return
    this.#error = error
    this.#deadline.stop()
    this.#stream.destroy()
    this.onClosed?.()
    this.drained?.()
    for (const waiter of this.#waiting.splice(0)) waiter.failed(error)
  }

  onChunk(chunk: Uint8Array): void {
    if (this.#error !== undefined) return
    this.#inbox.push(chunk)
    try {
      while (this.#waiting.length > 0) {
        const answer = this.#inbox.take(2, this.#read)
        if (answer === undefined) return
        this.#onAnswer(answer)
      }
    } catch (error) {
      return this.fail(this.#undecodable(error))
    }
    if (this.#inbox.length > 0) this.fail(new ConnectionError(`${this.#name} sent what nobody asked for`))
  }

  onEnd(): void {
    this.#endedByPeer = true
    this.fail(new ConnectionError(`${this.#name} ended the connection`))
  }

  onDrain(): void {
    this.drained?.()
  }

  onClose(error?: Error): void {
    this.#endedByPeer = this.#error === undefined
    const reason = error === undefined ? '' : `: ${error.message}`
    this.fail(new ConnectionError(`the connection to ${this.#name} was lost${reason}`, { cause: error }))
  }

  #onAnswer({ error, response }: DecodedResponse<RPCName>): void {
    const waiter = this.#waiting.shift()!
    if (this.#waiting.length === 0) this.#deadline.clear()
    else this.#deadline.set(this.#waiting[0]!.timeout)
    if (error !== '') waiter.failed(new RemoteError(error))
    else waiter.answered(response!)
  }

  #onDeadline(): void {
    const { type, timeout } = this.#waiting[0]!
    this.fail(new RPCTimeoutError(`${this.#name} did not answer ${type} within ${timeout} ms`))
  }

  #undecodable(error: unknown): Error {
    if (!(error instanceof RaftError)) return error as Error
    return new DecodeError(`${this.#name} sent an answer that cannot be read: ${error.message}`, { cause: error })
  }

  get #name(): string {
    const peer = this.#waiting[0]?.peer
    return peer === undefined ? this.target : nameOf({ id: peer.id, address: this.target })
  }
}

/** A server in words, for messages. */
export function nameOf({ id, address }: Peer): string {
  return id === '' || id === address ? address : `${id} at ${address}`
}

const keyOf = ({ id, address }: Peer): string => JSON.stringify([id, address])
