import {
  type SnapshotDescription,
  SnapshotError,
  type SnapshotMeta,
  type SnapshotReader,
  type SnapshotSink,
  type SnapshotStore,
  type SnapshotStoreCapabilities,
} from '@raft/core'

const capabilities: SnapshotStoreCapabilities = Object.freeze({ contract: 1, discards: true })

/**
 * Takes snapshots and keeps none: for tests and benchmarks. The log is compacted after each all the same, so a node
 * with this store cannot be restarted, nor bring a follower up to date that lags behind the log.
 */
export class DiscardSnapshotStore implements SnapshotStore {
  readonly capabilities: SnapshotStoreCapabilities = capabilities

  /** Starts a snapshot that will be dropped. Throws `SnapshotError` for a version other than 1. */
  create({ version }: SnapshotDescription): DiscardSnapshotSink {
    if (version !== 1) throw new SnapshotError(`unsupported snapshot version ${version}`)
    return new DiscardSnapshotSink()
  }

  /** Always empty. */
  list(): readonly SnapshotMeta[] {
    return []
  }

  /** Always throws `SnapshotError`. */
  open(_id: string): SnapshotReader {
    throw new SnapshotError('open is not supported')
  }
}

/** Drops what is written. Nothing that is done to it fails, except `close` after `cancel`. */
export class DiscardSnapshotSink implements SnapshotSink {
  readonly id: string = 'discard'
  #cancelled = false

  /** Drops the chunk. */
  write(_chunk: Uint8Array): void {}

  /** Drops the snapshot. Throws `SnapshotError` after `cancel`, so that a cancelled snapshot never compacts the log. */
  close(): void {
    if (this.#cancelled) throw new SnapshotError('snapshot discard is cancelled')
  }

  /** Drops the snapshot. */
  cancel(): void {
    this.#cancelled = true
  }
}
