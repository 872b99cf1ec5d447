import type { SimulatedNetwork } from '../world/simulated-network.ts'
import type { SimulatedDisk } from '../world/simulated-disk.ts'
import { AnswerChecks } from './answer-checks.ts'
import { DiskChecks } from './disk-checks.ts'
import { HandedOut } from './handed-out.ts'
import { Ledger } from './ledger.ts'
import { MessageChecks } from './message-checks.ts'
import { NodeChecks } from './node-checks.ts'
import { ReadChecks } from './read-checks.ts'
import { SnapshotChecks } from './snapshot-checks.ts'
import { Violations } from './violations.ts'
import type { ServerDirectory, WatchedServer } from './watched-server.ts'

/** Everything that watches a run. `README.md` beside this file says which check has which invariant. */
export class Checks {
  readonly violations: Violations
  readonly ledger: Ledger
  readonly reads: ReadChecks
  readonly snapshots: SnapshotChecks
  readonly handedOut: HandedOut
  readonly #nodes: NodeChecks
  readonly #disks = new Map<WatchedServer, DiskChecks>()
  readonly #servers: ServerDirectory

  /** @param now The virtual time. */
  constructor(servers: ServerDirectory, now: () => number) {
    this.#servers = servers
    this.violations = new Violations(now)
    this.ledger = new Ledger(this.violations)
    this.reads = new ReadChecks(this.ledger, this.violations)
    this.snapshots = new SnapshotChecks(this.ledger, this.violations)
    this.handedOut = new HandedOut(this.violations)
    this.#nodes = new NodeChecks(servers, this.ledger, this.violations)
  }

  /** Looks at every message. */
  watchNetwork(network: SimulatedNetwork): void {
    const { ledger, violations, reads, handedOut } = this
    const answers = new AnswerChecks(violations)
    const voteOf = (server: WatchedServer): DiskChecks['vote'] => this.#disks.get(server)!.vote
    const servers = this.#servers
    network.observer = new MessageChecks({ servers, ledger, violations, reads, answers, handedOut, voteOf })
  }

  /** Looks at everything that becomes durable on a server's disk. */
  watchDisk(server: WatchedServer, disk: SimulatedDisk): void {
    const { ledger, snapshots, violations } = this
    const checks = new DiskChecks({ server, ledger, snapshots, violations })
    disk.observer = checks
    this.#disks.set(server, checks)
  }

  /** Looks at a server on which something has run. */
  look(server: WatchedServer): void {
    this.#nodes.look(server)
  }

  /** Checks at the end what can only be known then. */
  close(): void {
    this.ledger.close()
    this.handedOut.close()
  }
}
