import { type LogStore, type SnapshotStore } from '@raft/core'
import { type KeyValueMachine } from './key-value-machine.ts'
import { type Replica, type Wait } from './replica.ts'

/** One node of the key-value store, as the HTTP API sees it. */
export interface Store {
  readonly id: string
  readonly http: string
  readonly machine: KeyValueMachine
  readonly replica: Replica
  /** What its disk held when it was started. */
  readonly onDisk: { readonly first: number; readonly last: number }
  readonly logs: Pick<LogStore, 'firstIndex' | 'lastIndex'>
  readonly snapshots: Pick<SnapshotStore, 'list'>
  /** A new bound for one command or read. */
  readonly wait: () => Wait
}
