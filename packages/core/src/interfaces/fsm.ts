import type { Configuration } from '../types/configuration.ts'
import type { Log } from '../types/log.ts'
import type { Awaitable } from './awaitable.ts'
import type { SnapshotSink } from './snapshot-store.ts'

/** The bytes of a snapshot, to be read once, in order. */
export interface SnapshotSource extends AsyncIterable<Uint8Array> {
  /** Bytes handed out so far (`CountingReader`). */
  readonly bytesRead: number
  /** Bytes in all. */
  readonly size: number
  /** What is under the counting (`ReadCloserWrapper`). */
  unwrap(): AsyncIterable<Uint8Array>
}

/** A point in time of an FSM, to be written while the FSM goes on. */
export interface FSMSnapshot {
  /**
   * Writes the state. May run beside later `apply`s, so it reads a copy or an immutable view. It may close the sink;
   * else the library does. If it rejects, or cancels the sink, there is no snapshot and the log is kept. It stops when
   * `signal` is aborted: the leader has sent a newer state.
   */
  persist(sink: SnapshotSink, options: { readonly signal: AbortSignal }): Awaitable<void>
  /** Called once when the snapshot is no longer needed, whatever became of it. */
  release(): Awaitable<void>
}

/**
 * The state that is replicated: yours. Calls never overlap, except `FSMSnapshot.persist` with later `apply`s. It must be
 * deterministic: no clock, no randomness, no order of a hash. Optional methods are read once, at start.
 *
 * @typeParam R What `apply` answers; `(await raft.apply(…)).response` has this type.
 */
export interface FSM<R = unknown> {
  /**
   * Applies one committed command. The answer reaches whoever called `apply` on this node, and an `Error` that is
   * *returned* is an answer too. One that is *thrown* stops the node: it names the index, and will happen again after a
   * restart until the FSM is mended.
   */
  apply(log: Log): Awaitable<R>
  /** Takes a point in time. Nothing is applied until it resolves, so it is quick; the work is in `persist`. */
  snapshot(): Awaitable<FSMSnapshot>
  /** Replaces the whole state by a snapshot. If it rejects, the node stops. */
  restore(source: SnapshotSource): Awaitable<void>
  /** Applies several commands at once, in order, in place of `apply`; one answer for each. Also gets configuration entries. */
  applyBatch?(logs: readonly Log[]): Awaitable<readonly R[]>
  /** Is told each committed configuration, in order with the commands. At protocol version 3 only. */
  storeConfiguration?(index: number, configuration: Configuration): Awaitable<void>
}

/** An FSM that takes commands in batches. */
export interface BatchingFSM<R = unknown> extends FSM<R> {
  applyBatch(logs: readonly Log[]): Awaitable<readonly R[]>
}

/** An FSM that is told the configurations. */
export interface ConfigurationStore<R = unknown> extends FSM<R> {
  storeConfiguration(index: number, configuration: Configuration): Awaitable<void>
}
