import type { HeartbeatHandler, RPCHandler } from '../interfaces/transport.ts'
import type { RPCHeader } from '../types/messages.ts'
import { Complaints } from './complaints.ts'
import type { Settings } from './network-transport-config.ts'
import { ServerConnection, type ServerContext } from './server-connection.ts'
import type { StreamConnection, StreamLayer } from './stream-layer.ts'

const firstAcceptPause = 5
const longestAcceptPause = 1_000

/** Accepts connections and keeps them. */
export class RPCServer implements ServerContext {
  readonly settings: Settings
  readonly #layer: StreamLayer
  readonly #heard: (header: RPCHeader) => void
  readonly #connections = new Set<ServerConnection>()
  readonly #complaints: Complaints
  #handler: RPCHandler | undefined
  #heartbeatHandler: HeartbeatHandler | undefined
  #closed = false
  #wake: (() => void) | undefined

  constructor(layer: StreamLayer, settings: Settings, heard: (header: RPCHeader) => void) {
    this.#layer = layer
    this.settings = settings
    this.#heard = heard
    this.#complaints = new Complaints(settings.logger, () => settings.clock.now())
    void this.#acceptAll()
  }

  get handler(): RPCHandler | undefined {
    return this.#handler
  }

  get heartbeatHandler(): HeartbeatHandler | undefined {
    return this.#heartbeatHandler
  }

  /** Who takes requests from now on; those that wait are handed over. */
  setHandler(handler: RPCHandler): void {
    this.#handler = handler
    for (const connection of this.#connections) connection.advance()
  }

  /** Who takes heartbeats from now on. */
  setHeartbeatHandler(handler: HeartbeatHandler | undefined): void {
    this.#heartbeatHandler = handler
    for (const connection of this.#connections) connection.advance()
  }

  heardFrom(header: RPCHeader): void {
    this.#heard(header)
  }

  closed(connection: ServerConnection): void {
    this.#connections.delete(connection)
  }

  warn(message: string, facts: object): void {
    this.#complaints.warn(facts, message)
  }

  /** Ends every connection once its requests are answered. */
  closeStreams(): void {
    for (const connection of this.#connections) connection.finish()
  }

  /** Ends every connection now and accepts no more. */
  close(): void {
    this.#closed = true
    this.#wake?.()
    for (const connection of this.#connections) connection.destroy()
  }

  async #acceptAll(): Promise<void> {
    let pause = 0
    while (!this.#closed) {
      try {
        const stream = await this.#layer.accept()
        pause = 0
        this.#add(stream)
      } catch (error) {
        if (this.#closed) return
        pause = pause === 0 ? firstAcceptPause : Math.min(2 * pause, longestAcceptPause)
        this.settings.logger.error({ error }, 'failed to accept connection')
        await this.#sleep(pause)
      }
    }
  }

  #add(stream: StreamConnection): void {
    if (this.#closed || !this.#hasRoom()) {
      stream.destroy()
      return
    }
    this.#connections.add(new ServerConnection(stream, this))
  }

  #hasRoom(): boolean {
    const { maxConnections } = this.settings
    if (this.#connections.size < maxConnections) return true
    this.warn('too many connections', { maxConnections })
    for (const connection of this.#connections) {
      if (connection.isProven) continue
      connection.destroy()
      return true
    }
    return false
  }

  #sleep(delay: number): Promise<void> {
    const { clock } = this.settings
    return new Promise((resolve) => {
      const timer = clock.setTimer(resolve, delay)
      this.#wake = () => {
        clock.clearTimer(timer)
        resolve()
      }
    })
  }
}
