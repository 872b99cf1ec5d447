/**
 * Snapshot store for `@raft/core` in a folder, in the layout of hashicorp/raft.
 *
 * @packageDocumentation
 */
export { type FileSnapshotReader } from './file-snapshot-reader.ts'
export { type FileSnapshotSink } from './file-snapshot-sink.ts'
export { FileSnapshotStore, type FileSnapshotStoreOptions } from './file-snapshot-store.ts'
