import type { LogStore, LogWrite, StableStore } from '@raft/core'
import { type StoreSubject } from './subject.ts'

/** A log store under test. */
export type LogStoreSubject = StoreSubject<LogStore>

/** Why a case with a gap in the log is skipped. */
export function isMonotonic({ store }: LogStoreSubject): string | undefined {
  return store.capabilities?.monotonic === true ? 'the store declares that it is monotonic' : undefined
}

/** Why a case about `write` is skipped. */
export function cannotWriteAtomically({ store }: LogStoreSubject): string | undefined {
  return store.capabilities?.atomicWrite === true ? undefined : 'the store does not declare atomicWrite'
}

/** `write` of a store that declares it. */
export async function write(store: LogStore, batch: LogWrite): Promise<void> {
  if (store.write === undefined) throw new Error('the store declares atomicWrite, so it has write')
  await store.write(batch)
}

/** The stable store in the same file, if the store is one, or wraps one that is. */
export function stableOf(store: LogStore): StableStore | undefined {
  if ('get' in store && 'set' in store && 'getUint64' in store) return store as LogStore & StableStore
  const { backing } = store
  return backing !== undefined && 'get' in backing ? backing : undefined
}
