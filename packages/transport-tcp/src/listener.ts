import type { Server, Socket } from 'node:net'
import { ConnectionError } from '@raft/core'
import type { StreamConnection } from '@raft/core/wire'
import { formatAddress, type TCPAddress } from './tcp-address.ts'

/** What a listener is made of. */
export interface ListenerOptions {
  /** A server that does not listen yet. */
  readonly server: Server
  readonly bind: TCPAddress
  /** Connections at a time, those included that are still being made. */
  readonly maxConnections: number
  /** The event that says that a connection is complete. */
  readonly event: 'connection' | 'secureConnection'
  readonly connect: (socket: Socket) => StreamConnection
}

interface Waiting {
  readonly resolve: (connection: StreamConnection) => void
  readonly reject: (error: Error) => void
}

/** A server that is asked for its connections one by one. */
export class Listener {
  readonly #server: Server
  readonly #ready: StreamConnection[] = []
  readonly #waiting: Waiting[] = []
  #closed = false

  /** Listens. Rejects with a `ConnectionError` that says in a sentence why it cannot. */
  static async listen(options: ListenerOptions): Promise<Listener> {
    const { server, bind } = options
    server.maxConnections = options.maxConnections
    await new Promise<void>((resolve, reject) => {
      const failed = (error: Error): void => reject(explain(error, bind))
      server.once('error', failed)
      server.listen({ host: bind.host === '' ? undefined : bind.host, port: bind.port }, () => {
        server.off('error', failed)
        resolve()
      })
    })
    return new Listener(options)
  }

  private constructor({ server, event, connect }: ListenerOptions) {
    this.#server = server
    server.on(event, (socket: Socket) => this.#offer(connect(socket)))
    server.on('error', (error) => this.#waiting.shift()?.reject(error))
  }

  /** Where it listens, or `undefined` if that is no TCP address. */
  get address(): TCPAddress | undefined {
    const address = this.#server.address()
    return address === null || typeof address === 'string' ? undefined : { host: address.address, port: address.port }
  }

  accept(): Promise<StreamConnection> {
    if (this.#closed) return Promise.reject(closedError())
    const ready = this.#ready.shift()
    if (ready !== undefined) return Promise.resolve(ready)
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  /** Stops listening. Connections that were handed out stay; resolved without waiting for them. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#server.close()
    for (const connection of this.#ready.splice(0)) connection.destroy()
    for (const { reject } of this.#waiting.splice(0)) reject(closedError())
  }

  #offer(connection: StreamConnection): void {
    if (this.#closed) return connection.destroy()
    const waiting = this.#waiting.shift()
    if (waiting === undefined) this.#ready.push(connection)
    else waiting.resolve(connection)
  }
}

function closedError(): ConnectionError {
  return new ConnectionError('the listener is closed')
}

function explain(cause: NodeJS.ErrnoException, bind: TCPAddress): ConnectionError {
  const where = formatAddress(bind)
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'the port is in use',
    EACCES: 'this user may not listen on the port',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'there is no such host',
  }
  return new ConnectionError(`cannot listen on ${where}: ${reasons[cause.code ?? ''] ?? cause.message}`, { cause })
}
