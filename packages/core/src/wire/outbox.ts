import { Writer } from './codec/writer.ts'
import type { StreamConnection } from './stream-layer.ts'

/** Bytes for which it is not worth waiting for more. */
const mostBytes = 65_536

const resolved = Promise.resolve()

/**
 * Gathers what is to be sent on a connection, so that what is said together makes one write. It leaves as soon as what
 * runs now has returned: the end of the turn would come after the disk's work, and cost the loop a round of its own.
 */
export class Outbox {
  readonly writer: Writer = new Writer()
  readonly #connection: StreamConnection
  readonly #flush = (): void => {
    this.#scheduled = false
    this.flush()
  }
  #scheduled = false
  #blocked = false

  constructor(connection: StreamConnection) {
    this.#connection = connection
  }

  /** Much of what was written has not left: the other side does not read. */
  get isBlocked(): boolean {
    return this.#blocked
  }

  /** What was written has left. */
  drained(): void {
    this.#blocked = false
  }

  /** What was written leaves once what runs now has returned, or now if it is much. */
  schedule(): void {
    if (this.writer.length >= mostBytes) return this.flush()
    if (this.#scheduled) return
    this.#scheduled = true
    void resolved.then(this.#flush)
  }

  /** What was written leaves now. */
  flush(): void {
    if (this.writer.length === 0) return
    this.#blocked = !this.#connection.write(this.writer.take())
    if (this.#connection.isFlushed === true) this.writer.reuse()
  }
}
