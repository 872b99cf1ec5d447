import type { Peer } from '../../src/types/identity.ts'
import type { StreamConnection, StreamIdentity, StreamLayer, StreamReceiver } from '../../src/wire/index.ts'

/** Bytes that wait for the other side beyond which a writer is asked to wait. */
const highWater = 65_536

/** One end of a connection in memory. */
export class MemoryStream implements StreamConnection {
  readonly remoteAddress: string
  identity: StreamIdentity | undefined
  other!: MemoryStream
  /** What this end wrote, one element for each write. */
  readonly written: Uint8Array[] = []
  /** After so many bytes of this end's the network loses the connection. */
  cutAfter: number | undefined
  #receiver: StreamReceiver | undefined
  #inbound: Uint8Array[] = []
  #waiting = 0
  #paused = false
  #ended = false
  #endDelivered = false
  #closed = false
  #blockedWriter = false
  #scheduled = false

  constructor(remoteAddress: string) {
    this.remoteAddress = remoteAddress
  }

  get isClosed(): boolean {
    return this.#closed
  }

  get isPaused(): boolean {
    return this.#paused
  }

  open(receiver: StreamReceiver): void {
    this.#receiver = receiver
    this.#schedule()
  }

  write(bytes: Uint8Array): boolean {
    if (this.#closed) return true
    this.written.push(bytes)
    if (this.cutAfter === undefined || bytes.length <= this.cutAfter) {
      if (this.cutAfter !== undefined) this.cutAfter -= bytes.length
      return this.other.#take(bytes)
    }
    this.other.#take(bytes.slice(0, this.cutAfter))
    this.cutAfter = 0
    setImmediate(() => setImmediate(() => this.cut()))
    return true
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#schedule()
  }

  close(): void {
    this.other.#end()
    this.#finish()
  }

  destroy(): void {
    this.other.#break(new Error('connection reset'))
    this.#finish()
  }

  /** As if the network had lost the connection. */
  cut(error = new Error('network is down')): void {
    this.other.#break(error)
    this.#break(error)
  }

  /** Ends this end's stream and keeps the other direction open. */
  endWriting(): void {
    this.other.#ended = true
    this.other.#schedule()
  }

  #finish(error?: Error): void {
    if (this.#closed) return
    this.#closed = true
    queueMicrotask(() => this.#receiver?.onClose(error))
  }

  #break(error: Error): void {
    this.#inbound = []
    this.#finish(error)
  }

  #end(): void {
    this.#ended = true
    this.#schedule()
  }

  #take(bytes: Uint8Array): boolean {
    if (this.#closed) return true
    // The pieces of a real network are never as large as some writes are.
    for (let at = 0; at < bytes.length; at += highWater) this.#inbound.push(bytes.slice(at, at + highWater))
    this.#waiting += bytes.length
    this.#schedule()
    this.#blockedWriter = this.#waiting > highWater
    return !this.#blockedWriter
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#deliver()
    })
  }

  #deliver(): void {
    if (this.#receiver === undefined) return
    while (!this.#paused && !this.#closed) {
      const chunk = this.#inbound.shift()
      if (chunk === undefined) break
      this.#waiting -= chunk.length
      this.#receiver.onChunk(chunk)
    }
    if (this.#blockedWriter && this.#waiting <= highWater) {
      this.#blockedWriter = false
      this.other.#receiver?.onDrain()
    }
    if (this.#ended && !this.#endDelivered && this.#inbound.length === 0 && !this.#closed) {
      this.#endDelivered = true
      this.#receiver.onEnd()
      if (this.other.#closed) this.#finish()
    }
  }
}

/** Connects layers in memory by their addresses. */
export class MemoryNetwork {
  readonly layers = new Map<string, MemoryLayer>()
  /** After so many bytes of a connection, in one direction, the network loses it. */
  cutAfter: { readonly requests?: number; readonly responses?: number } | undefined
  #next = 1

  layer(address: string): MemoryLayer {
    const layer = new MemoryLayer(this, address)
    this.layers.set(address, layer)
    return layer
  }

  /** Two ends of a new connection. */
  pair(from: string, to: string): { readonly near: MemoryStream; readonly far: MemoryStream } {
    const near = new MemoryStream(to)
    const far = new MemoryStream(`${from}#${this.#next++}`)
    near.other = far
    far.other = near
    near.cutAfter = this.cutAfter?.requests
    far.cutAfter = this.cutAfter?.responses
    return { near, far }
  }
}

/** A stream layer in memory. What a test wants to see or to break is public. */
export class MemoryLayer implements StreamLayer {
  readonly address: string
  /** Connections that were dialled, oldest first. */
  readonly dialled: MemoryStream[] = []
  /** Connections that were accepted, oldest first. */
  readonly accepted: MemoryStream[] = []
  dials = 0
  accepts = 0
  /** What a dial rejects with. */
  dialError: Error | undefined
  /** A dial never settles. */
  dialHangs = false
  /** What an accept rejects with. */
  acceptError: Error | undefined
  closed = false
  identityOfDialled: StreamIdentity | undefined
  identityOfAccepted: StreamIdentity | undefined
  readonly #network: MemoryNetwork
  readonly #ready: MemoryStream[] = []
  #waiting: { resolve: (stream: MemoryStream) => void; reject: (error: Error) => void } | undefined

  constructor(network: MemoryNetwork, address: string) {
    this.#network = network
    this.address = address
  }

  accept(): Promise<StreamConnection> {
    this.accepts++
    if (this.acceptError !== undefined) return Promise.reject(this.acceptError)
    const ready = this.#ready.shift()
    if (ready !== undefined) return Promise.resolve(ready)
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  dial(address: string, _timeout: number): Promise<StreamConnection> {
    this.dials++
    if (this.dialHangs) return new Promise(() => undefined)
    const to = this.#network.layers.get(address)
    if (this.dialError !== undefined) return Promise.reject(this.dialError)
    if (to === undefined || to.closed) return Promise.reject(new Error('connection refused'))
    const { near, far } = this.#network.pair(this.address, address)
    near.identity = this.identityOfDialled
    this.dialled.push(near)
    to.offer(far)
    return Promise.resolve(near)
  }

  /** Lets a connection come in. */
  offer(stream: MemoryStream): void {
    stream.identity = this.identityOfAccepted
    this.accepted.push(stream)
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting === undefined) this.#ready.push(stream)
    else waiting.resolve(stream)
  }

  close(): void {
    this.closed = true
    this.#waiting?.reject(new Error('closed'))
  }
}

/** An identity that accepts the peers that it is told to, and keeps who was asked about. */
export function identity(accepts: (peer: Peer) => boolean | Promise<boolean>): StreamIdentity & { asked: Peer[] } {
  const asked: Peer[] = []
  return {
    asked,
    verify: (peer) => {
      asked.push({ ...peer })
      return accepts(peer)
    },
  }
}
