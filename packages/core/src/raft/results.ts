import type { SnapshotMeta, SnapshotReader } from '../interfaces/snapshot-store.ts'
import type { IndexedConfiguration } from '../types/configuration.ts'

/** What became of a command. */
export interface ApplyResult<R = unknown> {
  /** Where the command is in the log. */
  readonly index: number
  /** What the FSM answered; an `Error` that it returned is an answer too. */
  readonly response: R
}

/** What became of a change of the configuration. */
export interface IndexResult {
  /** The entry that made the configuration. */
  readonly index: number
}

/** A configuration and the entry that made it; index 0 without any. */
export type ConfigurationResult = IndexedConfiguration

/** A snapshot that was taken. */
export interface SnapshotResult {
  readonly meta: SnapshotMeta
  /** Opens it for reading; it may be gone once newer ones have been taken. Close what you open. */
  open(): Promise<SnapshotReader>
}

/** How long a caller waits. */
export interface CallOptions {
  /** Milliseconds to wait for entering the queue, at most; 0, the default, is for ever. Once inside it has no effect. */
  readonly timeout?: number | undefined
  /** Ends the whole wait. The `AbortedError` says by `outcome` whether the command may still happen. */
  readonly signal?: AbortSignal | undefined
}

/** How a change of the configuration is asked for. */
export interface ChangeOptions extends CallOptions {
  /** Makes the change only if the newest configuration is the one of this index; 0, the default, does not care. */
  readonly prevIndex?: number | undefined
}

/** How long a caller waits where nothing is queued. */
export type SignalOption = Pick<CallOptions, 'signal'>
