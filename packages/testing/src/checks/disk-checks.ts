import { voteRecord } from '@raft/core'
import type { DiskChange } from '../world/disk-image.ts'
import type { SnapshotFile } from '../world/disk-snapshots.ts'
import type { DiskObserver } from '../world/simulated-disk.ts'
import type { Ledger } from './ledger.ts'
import type { SnapshotChecks } from './snapshot-checks.ts'
import type { Violations } from './violations.ts'
import { durableTerm, type WatchedServer } from './watched-server.ts'

/** Term and vote as a disk holds them. */
export interface DurableVote {
  readonly term: number
  readonly candidate: string | undefined
}

/** What watching a disk takes. */
export interface DiskChecksOptions {
  readonly server: WatchedServer
  readonly ledger: Ledger
  readonly snapshots: SnapshotChecks
  readonly violations: Violations
}

/** Watches what becomes durable on one server's disk. */
export class DiskChecks implements DiskObserver {
  readonly #server: WatchedServer
  readonly #ledger: Ledger
  readonly #snapshots: SnapshotChecks
  readonly #violations: Violations
  #vote: DurableVote = { term: 0, candidate: undefined }

  constructor(options: DiskChecksOptions) {
    this.#server = options.server
    this.#ledger = options.ledger
    this.#snapshots = options.snapshots
    this.#violations = options.violations
  }

  /** Term and vote that a power cut would leave. */
  get vote(): DurableVote {
    return this.#vote
  }

  wrote({ set, logs }: DiskChange): void {
    for (const { key, value } of set ?? []) if (key === voteRecord.key) this.#noteVote(value)
    if (logs === undefined || logs.length === 0) return
    const first = logs[0]!.index
    this.#ledger.store(logs, first === 1 ? 0 : durableTerm(this.#server, first - 1), this.#server.id)
  }

  saved(file: SnapshotFile): void {
    this.#snapshots.saved(this.#server.id, file)
  }

  wiped(): void {
    this.#vote = { term: 0, candidate: undefined }
  }

  /** The node has read a record that is damaged: it must stop. */
  refused(record: string): void {
    this.#server.refused?.(record)
  }

  misused(complaint: string): void {
    this.#violations.report('D3', `${this.#server.id}: ${complaint}`)
  }

  #noteVote(value: Uint8Array): void {
    const { term, candidate } = voteRecord.decode(value)
    const before = this.#vote
    this.#vote = { term, candidate: candidate?.id }
    const text = (): string => `the term on the disk of ${this.#server.id} falls from ${before.term} to ${term}`
    this.#violations.expect(term >= before.term, 'S3', text)
    const changed = term === before.term && before.candidate !== undefined && before.candidate !== candidate?.id
    const vote = (): string =>
      `${this.#server.id} changes its vote in term ${term} from ${before.candidate} to ${candidate?.id}`
    this.#violations.expect(!changed, 'S2', vote)
  }
}
