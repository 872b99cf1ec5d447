// What a server for tests is asked over HTTP, and what it answers: JSON, the same for both kinds (see go/node).
import type { Command } from '@raft-tooling/demo/command'

/** The two programs that a server can be. */
export type Kind = 'ts' | 'go'

/** An error as the control interface tells it. */
export interface Failure {
  readonly code: string
  readonly message: string
  /** Whether it certainly did not happen, or may have happened or may yet. */
  readonly outcome: 'rejected' | 'unknown'
  /** The ID of the leader, as far as the server knows. */
  readonly leader?: string
}

/** A command as it travels to a server, or bytes as they are. `value`, `data` and `extensions` are base64. */
export interface WireCommand {
  readonly op?: Command['op']
  readonly key?: string
  readonly value?: string
  readonly expect?: number
  readonly id?: string
  readonly http?: string
  readonly data?: string
  readonly extensions?: string
}

/** What became of one command. */
export type Applied =
  | { readonly error: Failure }
  | { readonly index: number; readonly refused: string }
  | { readonly index: number; readonly done: boolean; readonly existed: boolean; readonly entry: EntryRow | null }

export interface EntryRow {
  /** Base64. */
  readonly value: string
  readonly index: number
  readonly version: number
}

export interface PeerStats {
  readonly id: string
  readonly kind: Kind
  readonly version: string
  readonly state: 'Follower' | 'Candidate' | 'Leader' | 'Shutdown'
  readonly term: number
  readonly leader: string
  readonly leaderAddress: string
  readonly firstIndex: number
  readonly lastIndex: number
  readonly commitIndex: number
  readonly appliedIndex: number
  readonly snapshotIndex: number
}

/** A state in short: two servers whose summaries agree hold the same, byte for byte. */
export interface Summary {
  readonly applied: number
  readonly digest: string
  readonly members: number
  readonly entries: number
  /** The SHA-256 of the snapshot that would be taken now. */
  readonly hash: string
  /** How often the state came from a snapshot. */
  readonly restored: number
}

export interface ServerRow {
  readonly id: string
  readonly address: string
  readonly suffrage: 'Voter' | 'Nonvoter' | 'Staging'
}

export interface ConfigurationRow {
  readonly servers: readonly ServerRow[]
  /** Always 0 in Go. */
  readonly index: number
}

export interface LogRow {
  readonly index: number
  readonly term: number
  readonly type: number
  readonly hash: string
}

export interface SnapshotRow {
  readonly id: string
  readonly version: number
  readonly index: number
  readonly term: number
  readonly configurationIndex: number
  readonly servers: readonly ServerRow[]
  /** Base64. */
  readonly peers: string | null
  readonly size: number
  readonly hash?: string
  readonly error?: string
}

export type MembershipChange = 'addVoter' | 'addNonvoter' | 'demoteVoter' | 'removeServer'

/** Everything that a request can carry. */
export interface ControlRequest {
  readonly commands?: readonly WireCommand[]
  readonly timeout?: number
  readonly count?: number
  readonly bytes?: number
  readonly prefix?: string
  readonly window?: number
  readonly key?: string
  readonly id?: string
  readonly address?: string
  readonly change?: MembershipChange
  readonly prevIndex?: number
  readonly folder?: string
  readonly from?: number
  readonly through?: number
}
