import type { Awaitable } from './awaitable.ts'

/**
 * Keeps a few small values by name: the term and the vote. A write is never open beside another write of the same
 * store or of the log store in the same file. A write that rejects stops the node.
 */
export interface StableStore {
  /**
   * Resolved means that the value survives a power cut; a crash leaves the old or the new value, whole. The bytes may be
   * reused then.
   */
  set(key: string, value: Uint8Array): Awaitable<void>
  /** `undefined` when missing. */
  get(key: string): Awaitable<Uint8Array | undefined>
  /** As `set`, of a number from 0 to 2^53 − 1. */
  setUint64(key: string, value: number): Awaitable<void>
  /** 0 when missing. */
  getUint64(key: string): Awaitable<number>
}
