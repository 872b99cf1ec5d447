import type { Clock } from '../interfaces/clock.ts'
import { ConnectionError, RaftError, TransportShutdownError } from '../types/errors.ts'
import type { Peer, ServerAddress } from '../types/identity.ts'
import { ClientConnection, nameOf } from './client-connection.ts'
import { EntriesWriter } from './codec/entries-writer.ts'
import type { Settings } from './network-transport-config.ts'
import type { StreamLayer } from './stream-layer.ts'

const firstBackoff = 10

/** An address that could not be reached. */
interface Failure {
  readonly count: number
  /** Not dialled before. */
  readonly until: number
  readonly error: Error
}

/**
 * Makes connections. After a failure an address is left alone for a while, longer after each, up to a limit; whoever
 * asks meanwhile is told at once why.
 */
export class Dialer {
  readonly #layer: StreamLayer
  readonly #settings: Settings
  readonly #clock: Clock
  readonly #entriesWriter: EntriesWriter
  readonly #failures = new Map<ServerAddress, Failure>()
  readonly #underWay = new Set<(error: Error) => void>()
  #closed = false

  constructor(layer: StreamLayer, settings: Settings) {
    this.#layer = layer
    this.#settings = settings
    this.#clock = settings.clock
    this.#entriesWriter = new EntriesWriter(settings.newTimeFormat)
  }

  /** A new connection to the peer, which is reached at `target`. Rejects with `ConnectionError`. */
  async dial(peer: Peer, target: ServerAddress): Promise<ClientConnection> {
    if (this.#closed) throw new TransportShutdownError()
    const name = nameOf({ id: peer.id, address: target })
    const began = this.#clock.now()
    const failure = this.#failures.get(target)
    if (failure !== undefined && began < failure.until) {
      const wait = Math.ceil(failure.until - began)
      throw new ConnectionError(`${failure.error.message}; not tried again for ${wait} ms`, {
        cause: failure.error.cause,
      })
    }
    try {
      const connection = await this.#within(name, this.#connect(peer, target))
      this.#failures.delete(target)
      return connection
    } catch (error) {
      if (this.#closed) throw new TransportShutdownError()
      const wrapped = wrap(error, name)
      this.#note(target, { error: wrapped, began })
      throw wrapped
    }
  }

  /** The address has been heard of: it may be dialled again at once. */
  forgive(target: ServerAddress): void {
    this.#failures.delete(target)
  }

  close(): void {
    this.#closed = true
    for (const abandon of this.#underWay) abandon(new TransportShutdownError())
  }

  async #connect(peer: Peer, target: ServerAddress): Promise<ClientConnection> {
    const stream = await this.#layer.dial(target, this.#settings.timeout)
    const connection = new ClientConnection({ stream, clock: this.#clock, target, entriesWriter: this.#entriesWriter })
    await connection.verify(peer)
    return connection
  }

  /** The connection, if it comes in time; one that comes too late is ended. */
  #within(name: string, connecting: Promise<ClientConnection>): Promise<ClientConnection> {
    return new Promise((resolve, reject) => {
      const { timeout } = this.#settings
      let waiting = true
      const settle = (act: () => void): void => {
        waiting = false
        this.#underWay.delete(abandon)
        if (timer !== undefined) this.#clock.clearTimer(timer)
        act()
      }
      const abandon = (error: Error): void => {
        if (waiting) settle(() => reject(error))
      }
      const tooLate = (): void => abandon(new ConnectionError(`${name} could not be reached within ${timeout} ms`))
      const timer = timeout > 0 ? this.#clock.setTimer(tooLate, timeout) : undefined
      this.#underWay.add(abandon)
      connecting.then(
        (connection) => {
          if (waiting) settle(() => resolve(connection))
          else connection.fail(new ConnectionError(`${name} was reached too late`))
        },
        (error: unknown) => abandon(error as Error),
      )
    })
  }

  #note(target: ServerAddress, { error, began }: { readonly error: Error; readonly began: number }): void {
    const before = this.#failures.get(target)
    // Those that began together failed together: one failure, not several.
    if (before !== undefined && began < before.until) return
    const count = (before?.count ?? 0) + 1
    const pause = Math.min(this.#settings.maxDialBackoff, firstBackoff * 2 ** Math.min(count - 1, 20))
    this.#failures.set(target, { count, until: this.#clock.now() + pause, error })
  }
}

function wrap(error: unknown, name: string): Error {
  if (error instanceof RaftError) return error
  const text = error instanceof Error ? error.message : String(error)
  return new ConnectionError(`${name} could not be reached: ${text}`, { cause: error })
}
