import type { Awaitable } from '../interfaces/awaitable.ts'
import type { Peer, ServerAddress } from '../types/identity.ts'

/** What a connection tells whoever opened it. Calls never overlap; none may throw. */
export interface StreamReceiver {
  /** Bytes arrived, in their order. They are the receiver's from now on: the layer does not write over them. */
  onChunk(chunk: Uint8Array): void
  /** The other side will send no more. It may still read. */
  onEnd(): void
  /** What was written has left, after a `write` that returned false. */
  onDrain(): void
  /** The connection is gone, by which side ever; always the last call. `error` says why if it broke. */
  onClose(error?: Error): void
}

/** Proof of who is at the other end of a connection, such as a certificate. */
export interface StreamIdentity {
  /**
   * Whether the other end may speak as this server. Asked when it is dialled, and with the ID and address of every
   * request that comes in (once for each pair; empty where the request names none). False, or a throw, whose message
   * then is the reason, ends the connection.
   */
  verify(peer: Peer): Awaitable<boolean>
}

/** One stream of bytes in each direction, in order, without loss. A layer brings it; a transport uses it. */
export interface StreamConnection {
  /** Where the other end is, for messages; `host:port` if it has these. */
  readonly remoteAddress: string
  /** Absent where the layer knows nothing of who is at the other end. */
  readonly identity?: StreamIdentity | undefined
  /** Begins to deliver. Called once, soon after the connection was made; what arrived before is kept until then. */
  open(receiver: StreamReceiver): void
  /**
   * Nothing that was written is still held here, as after a `write` that the system took whole: the bytes may then be
   * written over. Absent where that is not known.
   */
  readonly isFlushed?: boolean | undefined
  /**
   * Sends bytes, which are not changed before `isFlushed` says that they may be. Never waits: false means that much is
   * waiting to leave, and that `onDrain` follows; writing on is allowed. After `close` or `destroy` it does nothing.
   */
  write(bytes: Uint8Array): boolean
  /** Stops the delivery of chunks, and with it, soon, the other end's sending. One more may still come. */
  pause(): void
  /** Ends what `pause` began. */
  resume(): void
  /** Ends the connection once what was written has left. */
  close(): void
  /** Ends the connection at once. */
  destroy(): void
}

/** Makes connections: what a `NetworkTransport` stands on. */
export interface StreamLayer {
  /** Where others reach this layer. */
  readonly address: ServerAddress
  /** The next connection that somebody else makes. Called again once it settled; rejects once the layer is closed. */
  accept(): Promise<StreamConnection>
  /**
   * Connects to an address. Rejects if that takes longer than `timeout` milliseconds (0: no limit), and then leaves
   * nothing behind. Many may run at a time.
   */
  dial(address: ServerAddress, timeout: number): Promise<StreamConnection>
  /** Accepts and dials no more; both reject. Connections that were made stay. A second call is harmless. */
  close(): Awaitable<void>
}
