import type { Socket } from 'node:net'
import type { StreamConnection, StreamIdentity, StreamReceiver } from '@raft/core/wire'
import { formatAddress } from './tcp-address.ts'

/** How long the other end may take to notice that a connection was ended. */
const lingerTimeout = 5_000

/** A socket of Node's as a connection. */
export class SocketConnection implements StreamConnection {
  readonly remoteAddress: string
  readonly identity: StreamIdentity | undefined
  readonly #socket: Socket
  #error: Error | undefined
  #closing = false

  constructor(socket: Socket, identity?: StreamIdentity) {
    this.#socket = socket
    this.identity = identity
    this.remoteAddress = formatAddress({ host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 })
    // Without a listener an error would end the process; after that of a refused renegotiation Node leaves the socket open.
    socket.on('error', (error) => {
      this.#error = error
      socket.destroy()
    })
  }

  get isFlushed(): boolean {
    return this.#socket.writableLength === 0
  }

  open(receiver: StreamReceiver): void {
    const socket = this.#socket
    socket.on('data', (chunk: Buffer) => {
      // Not a Buffer: its `slice` would not copy, which whoever receives the bytes may count on.
      if (!this.#closing) receiver.onChunk(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    })
    socket.on('end', () => receiver.onEnd())
    socket.on('drain', () => receiver.onDrain())
    socket.on('close', () => receiver.onClose(this.#error))
    if (socket.destroyed) queueMicrotask(() => receiver.onClose(this.#error))
  }

  write(bytes: Uint8Array): boolean {
    if (this.#closing || this.#socket.destroyed) return true
    return this.#socket.write(bytes)
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  close(): void {
    if (this.#closing) return
    this.#closing = true
    const socket = this.#socket
    const timer = setTimeout(() => socket.destroy(), lingerTimeout)
    socket.once('close', () => clearTimeout(timer))
    socket.once('end', () => socket.destroySoon())
    // What the other end still sends is read and dropped: unread bytes would reset the connection and take the last
    // answer with them.
    socket.resume()
    socket.end()
    if (socket.readableEnded) socket.destroySoon()
  }

  destroy(): void {
    this.#closing = true
    this.#socket.destroy()
  }
}
