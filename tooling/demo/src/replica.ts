import {
  type Configuration,
  type Peer,
  type RaftState,
  type ServerAddress,
  type ServerID,
  type SnapshotMeta,
} from '@raft/core'
import { type CommandError } from './command.ts'
import { type KeyValueResult } from './key-value-state.ts'

/** What bounds a wait: the signal ends it, and the error then says whether the command can have happened. */
export interface Wait {
  readonly signal?: AbortSignal
}

/** What the HTTP API asks of a node: the part of `Raft` that it uses, so that its tests can do without a cluster. */
export interface Replica {
  readonly state: RaftState
  readonly leader: Peer | undefined
  readonly currentTerm: number
  readonly lastIndex: number
  readonly commitIndex: number
  readonly appliedIndex: number
  apply(
    command: Uint8Array,
    options: Wait,
  ): Promise<{ readonly index: number; readonly response: KeyValueResult | CommandError }>
  read<T>(fn: () => T, options: Wait): Promise<T>
  barrier(options: Wait): Promise<unknown>
  getConfiguration(): { readonly configuration: Configuration; readonly index: number }
  addVoter(id: ServerID, address: ServerAddress, options: Wait): Promise<{ readonly index: number }>
  addNonvoter(id: ServerID, address: ServerAddress, options: Wait): Promise<{ readonly index: number }>
  demoteVoter(id: ServerID, options: Wait): Promise<{ readonly index: number }>
  removeServer(id: ServerID, options: Wait): Promise<{ readonly index: number }>
  leadershipTransfer(): Promise<void>
  leadershipTransferToServer(id: ServerID, address: ServerAddress): Promise<void>
  snapshot(): Promise<{ readonly meta: SnapshotMeta }>
  stats(): object
}
