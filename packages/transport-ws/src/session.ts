import { ConnectionError, DecodeError } from '@raft/core'
import type { StreamConnection, StreamIdentity } from '@raft/core/wire'
import { decodeCount, decodeFrame, decodeHello, encodeFrame, encodeHello, type Frame, FrameType } from './frame.ts'
import type { MessageReceiver, MessageSocket } from './message-socket.ts'
import { type FrameSender, VirtualStream } from './virtual-stream.ts'

/** What a session is made of. */
export interface SessionOptions {
  readonly socket: MessageSocket
  /** How this side is called by others. */
  readonly address: string
  readonly identity: (peerAddress: string) => StreamIdentity | undefined
  /** Streams that the other side may have open. */
  readonly maxStreams: number
  readonly onHello: (session: Session) => void
  readonly onStream: (stream: StreamConnection) => void
  readonly onGone: (session: Session, error: Error) => void
}

/** One WebSocket and the streams on it. Either side begins streams, whoever of them dialled. */
export class Session implements FrameSender, MessageReceiver {
  readonly #options: SessionOptions
  readonly #own = new Map<number, VirtualStream>()
  readonly #theirs = new Map<number, VirtualStream>()
  #nextStream = 0
  #peerAddress: string | undefined
  #identity: StreamIdentity | undefined
  #error: Error | undefined

  constructor(options: SessionOptions) {
    this.#options = options
    this.#send(encodeFrame(FrameType.Hello, true, 0, encodeHello(options.address)))
    options.socket.open(this)
  }

  get remoteAddress(): string {
    return this.#options.socket.remoteAddress
  }

  /** How the other side calls itself; undefined until it has said so. */
  get peerAddress(): string | undefined {
    return this.#peerAddress
  }

  get identity(): StreamIdentity | undefined {
    return this.#identity
  }

  /** Why the session is over; undefined while it is not. */
  get error(): Error | undefined {
    return this.#error
  }

  /** Begins a stream. */
  begin(): StreamConnection {
    this.#nextStream = (this.#nextStream + 1) >>> 0
    const stream = new VirtualStream(this, { number: this.#nextStream, own: true })
    this.#own.set(stream.number, stream)
    this.send(FrameType.Open, stream)
    return stream
  }

  /** Ends the session and all its streams. */
  end(error: Error): void {
    if (this.#error !== undefined) return
    this.#error = error
    this.#options.socket.destroy()
    for (const stream of [...this.#own.values(), ...this.#theirs.values()]) stream.onLost(error)
    this.#options.onGone(this, error)
  }

  send(type: FrameType, stream: VirtualStream, payload?: Uint8Array): void {
    this.#send(encodeFrame(type, stream.own, stream.number, payload))
  }

  forget(stream: VirtualStream): void {
    const streams = stream.own ? this.#own : this.#theirs
    if (streams.get(stream.number) === stream) streams.delete(stream.number)
  }

  onMessage(bytes: Uint8Array): void {
    if (this.#error !== undefined) return
    try {
      this.#onFrame(decodeFrame(bytes))
    } catch (error) {
      this.end(error as Error)
    }
  }

  onClose(error?: Error): void {
    const reason = error === undefined ? '' : `: ${error.message}`
    this.end(new ConnectionError(`the WebSocket to ${this.remoteAddress} was closed${reason}`, { cause: error }))
  }

  #send(bytes: Uint8Array): void {
    if (this.#error === undefined) this.#options.socket.send(bytes)
  }

  #onFrame(frame: Frame): void {
    if (this.#peerAddress === undefined) return this.#onHello(frame)
    if (frame.type === FrameType.Open) return this.#onOpen(frame)
    const stream = (frame.own ? this.#theirs : this.#own).get(frame.stream)
    // One that this side has ended: what was under way then does not matter.
    if (stream === undefined) return
    switch (frame.type) {
      case FrameType.Data:
        if (!stream.onData(frame.payload)) throw new DecodeError('the other end sent more than there was room for')
        return
      case FrameType.End:
        return stream.onEnd()
      case FrameType.Reset:
        return stream.onLost(new ConnectionError(`${this.remoteAddress} ended the stream`))
      case FrameType.Credit:
        return stream.onCredit(decodeCount(frame.payload))
      case FrameType.Hello:
        throw new DecodeError('a second hello')
    }
  }

  #onHello(frame: Frame): void {
    if (frame.type !== FrameType.Hello) throw new DecodeError('the first frame is not a hello')
    this.#peerAddress = decodeHello(frame.payload)
    this.#identity = this.#options.identity(this.#peerAddress)
    this.#options.onHello(this)
  }

  #onOpen(frame: Frame): void {
    if (!frame.own) throw new DecodeError('a stream that the other end begins for this one')
    if (this.#theirs.has(frame.stream)) throw new DecodeError(`stream ${frame.stream} is open already`)
    const stream = new VirtualStream(this, { number: frame.stream, own: false })
    if (this.#theirs.size >= this.#options.maxStreams) return this.send(FrameType.Reset, stream)
    this.#theirs.set(frame.stream, stream)
    this.#options.onStream(stream)
  }
}
