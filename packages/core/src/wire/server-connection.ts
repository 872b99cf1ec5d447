import type { AnyRPC, HeartbeatHandler, RPC, RPCHandler } from '../interfaces/transport.ts'
import { ConnectionError, DecodeError } from '../types/errors.ts'
import type { RPCHeader, RPCName, RPCResponses } from '../types/messages.ts'
import { readRequest } from './codec/read-messages.ts'
import { rpcNames, writeResponseFrame } from './codec/rpc.ts'
import { Deadline } from './deadline.ts'
import { isHeartbeat } from './heartbeat.ts'
import { Inbox } from './inbox.ts'
import type { Settings } from './network-transport-config.ts'
import { type OpenRequest, OpenRequests } from './open-requests.ts'
import { Outbox } from './outbox.ts'
import { type RefusedSender, SenderCheck } from './sender-check.ts'
import { SnapshotBody } from './snapshot-body.ts'
import type { StreamConnection, StreamReceiver } from './stream-layer.ts'

/** Bytes that are read before there is any use for them. */
const readAheadBytes = 262_144
/** Only an AppendEntries carries more than names and numbers. */
const mostBytesOfOthers = 1_048_576

/** What the connections of a server share. */
export interface ServerContext {
  readonly settings: Settings
  readonly handler: RPCHandler | undefined
  readonly heartbeatHandler: HeartbeatHandler | undefined
  /** A server named itself in a request. */
  heardFrom(header: RPCHeader): void
  /** Says what ended a connection; not each time, if it happens often. */
  warn(message: string, facts: object): void
  closed(connection: ServerConnection): void
}

/**
 * A connection that another server made. Requests are handed over in their order and answered in that order; several
 * AppendEntries may be under way, so that the receiver can write them to disk together. Whatever is not a request ends
 * the connection, without an answer.
 */
export class ServerConnection implements StreamReceiver {
  readonly #context: ServerContext
  readonly #stream: StreamConnection
  readonly #outbox: Outbox
  readonly #inbox: Inbox
  readonly #deadline: Deadline
  readonly #senders: SenderCheck
  readonly #open: OpenRequests
  /** The type byte was read, the body is not here yet. */
  #type: RPCName | undefined
  /** A request that waits for a handler, or for the proof of who sent it. */
  #held: OpenRequest | undefined
  #advancing = false
  #paused = false
  /** The other side sends no more. */
  #ended = false
  /** Nothing more is read. */
  #finishing = false
  #closed = false
  #proven = false
  #address: Uint8Array | undefined
  #idleSince: number

  constructor(stream: StreamConnection, context: ServerContext) {
    const { clock, maxMessageBytes, maxRequestsAhead, receiveTimeout } = context.settings
    this.#context = context
    this.#stream = stream
    this.#outbox = new Outbox(stream)
    this.#inbox = new Inbox(maxMessageBytes)
    this.#open = new OpenRequests(maxRequestsAhead)
    this.#senders = new SenderCheck(stream.identity, (refused) => this.#onSender(refused))
    this.#deadline = new Deadline(clock, () => this.#onDeadline())
    this.#deadline.set(receiveTimeout)
    this.#idleSince = clock.now()
    stream.open(this)
  }

  /** A whole request has come from it. */
  get isProven(): boolean {
    return this.#proven
  }

  onChunk(chunk: Uint8Array): void {
    if (this.#closed || this.#finishing) return
    this.#inbox.push(chunk)
    this.advance()
  }

  onEnd(): void {
    this.#ended = true
    this.#open.arriving?.fail(undefined)
    this.advance()
  }

  onDrain(): void {
    this.#outbox.drained()
    this.advance()
  }

  onClose(error?: Error): void {
    this.#close(error)
  }

  /** Takes no more requests; ends once those that were taken are answered. */
  finish(): void {
    this.#finishing = true
    if (this.#closed || !this.#open.isEmpty || this.#held !== undefined) return
    this.#outbox.flush()
    this.#stream.close()
    this.#close(undefined)
  }

  /** Ends the connection at once. */
  destroy(): void {
    this.#stream.destroy()
    this.#close(undefined)
  }

  /** Does what can be done with what is here. */
  advance(): void {
    // An answer that comes at once leads back here: the loop below goes on, without going deeper.
    if (this.#advancing || this.#closed) return
    this.#advancing = true
    try {
      while (!this.#closed && this.#step()) continue
    } catch (error) {
      this.#refuse('failed to decode incoming command', error)
    }
    this.#advancing = false
    if (this.#ended) this.#onNoMore()
    if (!this.#closed) this.#regulate()
  }

  /** False when there is nothing to do until something happens. */
  #step(): boolean {
    const body = this.#open.arriving
    if (body !== undefined) return this.#feed(body)
    if (this.#held !== undefined) return this.#handOver(this.#held)
    if (this.#finishing || this.#isBusy) return false
    if (this.#type === undefined && !this.#readType()) return false
    return this.#readBody(this.#type!)
  }

  get #isBusy(): boolean {
    return this.#open.isFull || this.#outbox.isBlocked
  }

  #feed(body: SnapshotBody): boolean {
    const chunk = body.isFull ? undefined : this.#inbox.takeRaw(body.missing)
    if (chunk === undefined) return false
    body.push(chunk)
    if (body.missing === 0) this.#sendAnswers()
    return true
  }

  #readType(): boolean {
    const byte = this.#inbox.takeByte()
    if (byte === undefined) return false
    const { metrics, clock } = this.#context.settings
    metrics?.({ kind: 'timer', name: 'raft.net.getRPCType', value: clock.now() - this.#idleSince })
    this.#type = rpcNames[byte]
    if (this.#type === undefined) throw new DecodeError(`unknown rpc type ${byte}`)
    return true
  }

  #readBody(type: RPCName): boolean {
    const { metrics, clock } = this.#context.settings
    const began = metrics === undefined ? 0 : clock.now()
    const most = type === 'appendEntries' ? Infinity : mostBytesOfOthers
    const command = this.#inbox.take(1, readRequest[type] as (typeof readRequest)['appendEntries'], most)
    if (command === undefined) return false
    this.#type = undefined
    this.#proven = true
    this.#held = this.#openRequest({ type, command } as AnyRPC)
    if (metrics !== undefined) {
      this.#held.readAt = this.#idleSince = clock.now()
      this.#measure('raft.net.rpcDecode', this.#held.label, began)
    }
    return true
  }

  #openRequest({ type, command }: AnyRPC): OpenRequest {
    const size = type === 'installSnapshot' ? command.size : 0
    const { maxSnapshotBytes } = this.#context.settings
    if (size > maxSnapshotBytes) throw new DecodeError(`a snapshot of ${size} bytes, more than ${maxSnapshotBytes}`)
    const body = type === 'installSnapshot' ? new SnapshotBody(size, () => this.advance()) : undefined
    const label = type === 'appendEntries' && isHeartbeat(command) ? 'Heartbeat' : labels[type]
    const respond = (response: RPCResponses[RPCName] | undefined, error?: Error): void => {
      if (open.answer !== undefined || this.#closed) return
      open.answer = { response, error }
      open.body?.abandon()
      this.#sendAnswers()
      this.advance()
    }
    const rpc = { type, command, reader: body, respond } as AnyRPC
    const open: OpenRequest = {
      rpc,
      label,
      body,
      bytes: this.#inbox.taken,
      readAt: 0,
      handedOverAt: 0,
      answer: undefined,
    }
    return open
  }

  /** Hands over the request that is held, if there is who takes it and it is known who sent it. */
  #handOver(open: OpenRequest): boolean {
    const { heartbeatHandler, handler, settings } = this.#context
    const take = open.label === 'Heartbeat' && heartbeatHandler !== undefined ? heartbeatHandler : handler
    if (take === undefined || !this.#senders.accepts(open.rpc.command.header)) return false
    this.#held = undefined
    this.#open.add(open)
    this.#hear(open.rpc)
    if (settings.metrics !== undefined) {
      open.handedOverAt = settings.clock.now()
      this.#measure('raft.net.rpcEnqueue', open.label, open.readAt)
    }
    try {
      take(open.rpc as RPC<'appendEntries'>)
    } catch (error) {
      settings.logger.error({ error, type: open.rpc.type }, 'the handler of requests threw')
      ;(open.rpc as RPC<'appendEntries'>).respond(undefined, error instanceof Error ? error : new Error(String(error)))
    }
    return true
  }

  #hear(rpc: AnyRPC): void {
    const { address } = rpc.command.header
    // The same bytes are the same object, message after message.
    if (address === this.#address || address === undefined || rpc.type === 'requestPreVote') return
    this.#address = address
    this.#context.heardFrom(rpc.command.header)
  }

  /** Writes the answers whose turn it is. */
  #sendAnswers(): void {
    for (let open = this.#open.takeAnswered(); open !== undefined; open = this.#open.takeAnswered()) this.#write(open)
    if (this.#finishing) this.finish()
  }

  #write({ rpc, answer, label, handedOverAt }: OpenRequest): void {
    const { writer } = this.#outbox
    const before = writer.length
    const error = answer?.error
    try {
      writeResponseFrame(writer, rpc.type, answer?.response, error === undefined ? '' : error.message || error.name)
    } catch (failure) {
      writer.truncate(before)
      return this.#refuse('an answer could not be encoded', failure)
    }
    this.#outbox.schedule()
    if (this.#context.settings.metrics !== undefined) this.#measure('raft.net.rpcRespond', label, handedOverAt)
  }

  /** Lets the other side send when there is use for it, and watches that it goes on with what it began. */
  #regulate(): void {
    const { receiveTimeout } = this.#context.settings
    const body = this.#open.arriving
    const blocked = body === undefined ? this.#isBusy || this.#held !== undefined : body.isFull
    const pause = blocked && this.#inbox.length >= (body === undefined ? readAheadBytes : 1)
    if (pause !== this.#paused) {
      this.#paused = pause
      if (pause) this.#stream.pause()
      else this.#stream.resume()
    }
    if (body !== undefined && !blocked) this.#deadline.set(receiveTimeout)
    else if (this.#type === undefined && this.#proven) this.#deadline.clear()
    else if (!this.#deadline.isSet) this.#deadline.set(receiveTimeout)
  }

  #onDeadline(): void {
    const { receiveTimeout } = this.#context.settings
    this.#refuse('a request did not arrive whole', new ConnectionError(`nothing more within ${receiveTimeout} ms`))
  }

  /** The other side has ended its stream, and what it sent before has been read as far as it goes. */
  #onNoMore(): void {
    if (this.#closed || !this.#open.isEmpty || this.#held !== undefined) return
    if (this.#inbox.length > 0 || this.#type !== undefined) {
      this.#context.warn('a connection ended in the middle of a request', { from: this.#stream.remoteAddress })
    }
    this.finish()
  }

  #onSender(refused: RefusedSender | undefined): void {
    if (refused === undefined) return this.advance()
    this.#context.warn('a connection may not speak as the server it names', {
      from: this.#stream.remoteAddress,
      ...refused,
    })
    this.destroy()
  }

  /** What was asked before is answered; what comes now is not. */
  #refuse(message: string, error: unknown): void {
    if (this.#closed) return
    this.#context.warn(message, { from: this.#stream.remoteAddress, error })
    this.#type = undefined
    if (this.#open.arriving === undefined) this.finish()
    else this.destroy()
  }

  #close(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#deadline.stop()
    this.#open.fail(error)
    this.#context.closed(this)
  }

  #measure(name: string, rpcType: string, since: number): void {
    const { metrics, clock } = this.#context.settings
    metrics?.({ kind: 'timer', name, value: clock.now() - since, labels: { rpcType } })
  }
}

const labels: { readonly [K in RPCName]: string } = {
  appendEntries: 'AppendEntries',
  requestVote: 'RequestVote',
  installSnapshot: 'InstallSnapshot',
  timeoutNow: 'TimeoutNow',
  requestPreVote: 'RequestPreVote',
}
