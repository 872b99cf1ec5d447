/**
 * Log, stable and snapshot stores in memory for `@raft/core`.
 *
 * @packageDocumentation
 */
export { DiscardSnapshotSink, DiscardSnapshotStore } from './discard-snapshot-store.ts'
export { InmemSnapshotSink, InmemSnapshotStore } from './inmem-snapshot-store.ts'
export { InmemStore } from './inmem-store.ts'
