import type { StreamConnection, StreamIdentity, StreamReceiver } from '@raft/core/wire'
import { encodeCount, FrameType } from './frame.ts'

/** Bytes of one stream that may be under way: so much is kept for a receiver that pauses. */
export const streamWindow = 262_144

/** The longest piece of a stream in one frame, so that streams take turns. */
const longestPiece = 65_536

/** The session under a stream. */
export interface FrameSender {
  readonly remoteAddress: string
  readonly identity: StreamIdentity | undefined
  send(type: FrameType, stream: VirtualStream, payload?: Uint8Array): void
  forget(stream: VirtualStream): void
}

/** One of the streams that share a WebSocket. Each side tells the other how much it has room for. */
export class VirtualStream implements StreamConnection {
  /** Its number, counted by the side that began it. */
  readonly number: number
  /** Whether this side began it. */
  readonly own: boolean
  readonly #session: FrameSender
  #receiver: StreamReceiver | undefined
  #paused = false
  /** What arrived and was not delivered. */
  readonly #arrived: Uint8Array[] = []
  #arrivedEnd = false
  /** Bytes delivered that the other side has not been told of. */
  #owedCredit = 0
  /** Bytes that the other side still may send: more breaks the rules. */
  #receiveCredit = streamWindow
  readonly #waiting: Uint8Array[] = []
  #sendCredit = streamWindow
  #stuck = false
  #closing = false
  #endSent = false
  #endReceived = false
  #gone = false
  #goneError: Error | undefined
  #closeDelivered = false

  constructor(session: FrameSender, { number, own }: { readonly number: number; readonly own: boolean }) {
    this.#session = session
    this.number = number
    this.own = own
  }

  get remoteAddress(): string {
    return this.#session.remoteAddress
  }

  get identity(): StreamIdentity | undefined {
    return this.#session.identity
  }

  open(receiver: StreamReceiver): void {
    this.#receiver = receiver
    queueMicrotask(() => this.#deliver())
  }

  write(bytes: Uint8Array): boolean {
    if (this.#gone || this.#closing) return true
    if (bytes.length > 0) this.#waiting.push(bytes)
    this.#flush()
    if (this.#waiting.length > 0) this.#stuck = true
    return !this.#stuck
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    queueMicrotask(() => this.#deliver())
  }

  close(): void {
    if (this.#gone || this.#closing) return
    this.#closing = true
    this.#flush()
  }

  destroy(): void {
    if (this.#gone) return
    this.#session.send(FrameType.Reset, this)
    this.#arrived.length = 0
    this.#finish(undefined)
  }

  /** The other side sent bytes. False if it had no room for them. */
  onData(payload: Uint8Array): boolean {
    if (this.#gone) return true
    this.#receiveCredit -= payload.length
    if (this.#receiveCredit < 0) return false
    this.#arrived.push(payload)
    this.#deliver()
    return true
  }

  /** The other side will send no more. */
  onEnd(): void {
    this.#arrivedEnd = true
    this.#deliver()
  }

  /** The other side has room for more. */
  onCredit(count: number): void {
    this.#sendCredit += count
    this.#flush()
    if (!this.#stuck || this.#waiting.length > 0) return
    this.#stuck = false
    this.#receiver?.onDrain()
  }

  /** The stream, or all of the session, is over. */
  onLost(error: Error | undefined): void {
    this.#finish(error)
  }

  #flush(): void {
    while (this.#waiting.length > 0 && this.#sendCredit > 0 && !this.#gone) {
      const next = this.#waiting[0]!
      const piece = next.subarray(0, Math.min(this.#sendCredit, longestPiece))
      this.#sendCredit -= piece.length
      if (piece.length === next.length) this.#waiting.shift()
      else this.#waiting[0] = next.subarray(piece.length)
      this.#session.send(FrameType.Data, this, piece)
    }
    if (!this.#closing || this.#endSent || this.#gone || this.#waiting.length > 0) return
    this.#endSent = true
    this.#session.send(FrameType.End, this)
    if (this.#endReceived) this.#finish(undefined)
  }

  #deliver(): void {
    const receiver = this.#receiver
    if (receiver === undefined || this.#closeDelivered) return
    // What arrived before the stream was lost is still the receiver's.
    while (this.#arrived.length > 0 && !this.#paused) {
      const chunk = this.#arrived.shift()!
      receiver.onChunk(chunk)
      this.#giveCredit(chunk.length)
    }
    if (this.#arrivedEnd && !this.#endReceived && this.#arrived.length === 0 && !this.#gone) {
      this.#endReceived = true
      receiver.onEnd()
      if (this.#endSent) this.#finish(undefined)
    }
    if (!this.#gone || this.#closeDelivered || this.#arrived.length > 0) return
    this.#closeDelivered = true
    receiver.onClose(this.#goneError)
  }

  /** Told in portions, so that not every chunk costs a message. */
  #giveCredit(count: number): void {
    this.#owedCredit += count
    if (this.#owedCredit < streamWindow / 4 || this.#gone) return
    this.#receiveCredit += this.#owedCredit
    this.#session.send(FrameType.Credit, this, encodeCount(this.#owedCredit))
    this.#owedCredit = 0
  }

  #finish(error: Error | undefined): void {
    if (this.#gone) return
    this.#gone = true
    this.#goneError = error
    this.#waiting.length = 0
    this.#session.forget(this)
    // Later, since whoever ends a stream is seldom ready to hear of it at once.
    queueMicrotask(() => this.#deliver())
  }
}
