import { KeyValueClient } from './key-value-client.ts'
import { type Ledger } from './ledger.ts'

/** What to write, and into which ledger. */
export interface LoadOptions {
  readonly addresses: readonly string[]
  readonly ledger: Ledger
  /** Begins every key of this load, and of no other. */
  readonly prefix: string
  readonly clients: number
  /** Ends by itself after so many acknowledgements; without it, by `stop`. */
  readonly limit?: number
}

/** Clients that write unique values under unique keys, one after another each, as fast as they are answered. */
export class Load {
  readonly #options: LoadOptions
  readonly #done: Promise<unknown>
  /** Writes that are acknowledged or under way. */
  #good = 0
  #stopping = false

  constructor(options: LoadOptions) {
    this.#options = options
    const clients = Array.from({ length: options.clients }, (_, client) => this.#run(client))
    this.#done = Promise.all(clients)
    // Seen by whoever waits; without this it could be reported as unhandled first.
    this.#done.catch(() => {})
  }

  /** Resolves when the limit is reached. */
  async finished(): Promise<void> {
    await this.#done
  }

  /** Lets every client end the write it is at. */
  async stop(): Promise<void> {
    this.#stopping = true
    await this.#done
  }

  async #run(client: number): Promise<void> {
    const { addresses, ledger, prefix, limit = Infinity } = this.#options
    const connection = new KeyValueClient(addresses, { first: client })
    try {
      for (let count = 0; !this.#stopping && this.#good < limit; count++) {
        this.#good++
        const key = `${prefix}-${client}-${count}`
        const value = `value of ${key}`
        const started = performance.now()
        const end = await connection.put(key, value)
        if (end.outcome !== 'acknowledged') this.#good--
        ledger.add({ key, value, client, started, ended: performance.now(), end })
      }
    } finally {
      connection.close()
    }
  }
}
