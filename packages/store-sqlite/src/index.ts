/**
 * Log and stable store for `@raft/core` in one SQLite file.
 *
 * @packageDocumentation
 */
export { SqliteStore, type SqliteStoreOptions } from './sqlite-store.ts'
