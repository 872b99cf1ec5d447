import type { Configuration } from '@raft/core'
import { votersOf } from './configurations.ts'
import type { Ledger } from './ledger.ts'
import type { Violations } from './violations.ts'
import type { WatchedServer } from './watched-server.ts'

/** The last request of a server that another one has answered. */
interface Answered {
  readonly term: number
  /** Its place among all requests and reads. */
  readonly order: number
}

/** A read when it was asked for. */
export interface ReadAsked {
  readonly server: WatchedServer
  readonly life: number
  readonly term: number
  readonly order: number
  readonly configuration: Configuration
  /** The last write that a caller had an answer to by then. */
  readonly acknowledged: number
}

/**
 * Sees what each read rests on: answers of a majority of the voters, in the term in which the read was asked for, to
 * requests that were sent after it was (R2); and a state that includes every write answered before (R1).
 */
export class ReadChecks {
  readonly #ledger: Ledger
  readonly #violations: Violations
  readonly #answers = new Map<string, Answered>()
  #order = 0

  constructor(ledger: Ledger, violations: Violations) {
    this.#ledger = ledger
    this.#violations = violations
  }

  /** A request leaves; its place goes back into `answered`. */
  sent(): number {
    return ++this.#order
  }

  /** An answer to a request has come back. */
  answered(asker: WatchedServer, peer: string, { term, order }: Answered): void {
    const key = keyOf(asker, peer)
    const before = this.#answers.get(key)
    if (before === undefined || before.term < term || before.order < order) this.#answers.set(key, { term, order })
  }

  /** A read is asked for. */
  asked(server: WatchedServer): ReadAsked | undefined {
    const { inspection, life } = server
    if (inspection === undefined) return undefined
    const { term, latestConfiguration } = inspection
    const { configuration } = latestConfiguration
    return { server, life, term, order: this.sent(), configuration, acknowledged: this.#ledger.acknowledgedThrough }
  }

  /** It is about to be answered, from a state machine that has applied so much. */
  answering(read: ReadAsked, applied: number): void {
    const { server, life, term, acknowledged } = read
    const { inspection } = server
    // Whoever asked has died with the node, and what it counted by can no longer be seen.
    if (inspection === undefined || server.life !== life) return
    const stale = (): string =>
      `${server.id} answers a read from entry ${applied}; entry ${acknowledged} had been acknowledged before it was asked`
    this.#violations.expect(applied >= acknowledged, 'R1', stale)
    const now = inspection.latestConfiguration.configuration
    const text = (): string =>
      `${server.id} answers a read of term ${term} without a majority of voters that answered anything sent since`
    this.#violations.expect(this.#isConfirmed(read, read.configuration) || this.#isConfirmed(read, now), 'R2', text)
  }

  #isConfirmed({ server, term, order }: ReadAsked, configuration: Configuration): boolean {
    const voters = votersOf(configuration)
    const confirming = voters.filter(({ id }) => {
      const last = this.#answers.get(keyOf(server, id))
      return id === server.id || (last?.term === term && last.order > order)
    })
    return confirming.length * 2 > voters.length
  }
}

function keyOf({ id, life }: WatchedServer, peer: string): string {
  return `${id} ${life} ${peer}`
}
