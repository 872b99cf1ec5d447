import type { Configuration } from '../types/configuration.ts'
import type { Awaitable } from './awaitable.ts'

/** What a snapshot is called and what it stands for. */
export interface SnapshotMeta {
  /** 0 or 1; 1 is written. At 0 the membership is `peers`. */
  readonly version: number
  /** Names the snapshot in its store. */
  readonly id: string
  /** The last entry that it includes. */
  readonly index: number
  readonly term: number
  /** Legacy peers (spec §2.3); `undefined` when there are none. */
  readonly peers?: Uint8Array | undefined
  /** The membership at `index`. */
  readonly configuration: Configuration
  /** The entry that made the configuration. */
  readonly configurationIndex: number
  /** Bytes of the state. */
  readonly size: number
}

/** What a new snapshot stands for: its metadata but for what the store decides. */
export type SnapshotDescription = Omit<SnapshotMeta, 'id' | 'size'>

/** A snapshot being written. Calls do not overlap. */
export interface SnapshotSink {
  /** What the snapshot will be called in its store. */
  readonly id: string
  /** Appends to the state. Resolved means that more may be written, not that it is durable. The bytes may be reused then. */
  write(chunk: Uint8Array): Awaitable<void>
  /** Resolved means durable and listed. A second call is harmless; after `cancel` it rejects. */
  close(): Awaitable<void>
  /** Removes what was written. A second call, or one after `close`, is harmless. */
  cancel(): Awaitable<void>
}

/** A snapshot opened for reading. Iterate it once, then close it. */
export interface SnapshotReader extends AsyncIterable<Uint8Array> {
  readonly meta: SnapshotMeta
  /** Lets go of what it holds open. A second call is harmless. */
  close(): Awaitable<void>
}

/** What a snapshot store can do, declared and not probed. Wrappers hand on what they wrap. */
export interface SnapshotStoreCapabilities {
  /** The version of this contract that the store was written for. `Raft.start` refuses another and names both. */
  readonly contract: 1
  /** It drops what is written: nothing is ever listed or opened. */
  readonly discards?: boolean
}

/** Keeps snapshots. Several may be written and read at a time. */
export interface SnapshotStore {
  readonly capabilities?: SnapshotStoreCapabilities
  /** Starts a snapshot. Rejects a version other than 1. */
  create(description: SnapshotDescription): Awaitable<SnapshotSink>
  /** The complete snapshots, newest first: by term, then index, then ID. */
  list(): Awaitable<readonly SnapshotMeta[]>
  /** Rejects if the snapshot is missing, or damaged in a way that the store can tell. */
  open(id: string): Awaitable<SnapshotReader>
  /**
   * Removes a snapshot, durably; one that is missing does not matter. The one that was the newest before it is then the
   * newest again: a store that has this keeps two, however few it lists. Optional: with it a user restore can be taken
   * back until it is committed, and a state that turned out to be wrong does not come back at the next start.
   */
  remove?(id: string): Awaitable<void>
}
