import type { Clock } from '../interfaces/clock.ts'
import { Writer } from './codec/writer.ts'
import type { StreamConnection } from './stream-layer.ts'

/** Bytes for which it is not worth waiting for more. */
const mostBytes = 65_536

/** Gathers what is to be sent on a connection, so that a turn of the event loop makes one write of it. */
export class Outbox {
  readonly writer: Writer = new Writer()
  readonly #connection: StreamConnection
  readonly #clock: Clock
  readonly #flush = (): void => {
    this.#scheduled = false
    this.flush()
  }
  #scheduled = false
  #blocked = false

  constructor(connection: StreamConnection, clock: Clock) {
    this.#connection = connection
    this.#clock = clock
  }

  /** Much of what was written has not left: the other side does not read. */
  get isBlocked(): boolean {
    return this.#blocked
  }

  /** What was written has left. */
  drained(): void {
    this.#blocked = false
  }

  /** What was written leaves by the end of this turn, or now if it is much. */
  schedule(): void {
    if (this.writer.length >= mostBytes) return this.flush()
    if (this.#scheduled) return
    this.#scheduled = true
    this.#clock.endOfTurn(this.#flush)
  }

  /** What was written leaves now. */
  flush(): void {
    if (this.writer.length > 0) this.#blocked = !this.#connection.write(this.writer.take())
  }
}
