import type { ServerID } from './identity.ts'

/** What may change while a node runs. Durations are milliseconds. */
export interface ReloadableConfig {
  /** Entries kept behind a snapshot, so that a follower that is a little behind needs no snapshot. Default 10,240. */
  readonly trailingLogs: number
  /** How often to look whether a snapshot is due; drawn from [T, 2T). Default 120,000; at least 5. */
  readonly snapshotInterval: number
  /** Entries since the last snapshot that make one due; 0 takes one at every interval. Default 8,192. */
  readonly snapshotThreshold: number
  /** Silence after which a follower campaigns, drawn from [T, 2T). Default 1,000; at least 5. */
  readonly heartbeatTimeout: number
  /** How long a candidate waits for votes, drawn from [T, 2T). Default 1,000; at least 5 and at least `heartbeatTimeout`. */
  readonly electionTimeout: number
}

/** How one node is set up. Start from `defaultConfig()`. Durations are milliseconds. */
export interface Config extends ReloadableConfig {
  /** Default 3; 1 to 3. */
  readonly protocolVersion: number
  /** The longest time without news before idle followers are told the commit index; drawn from [T, 2T). Default 50; at least 1. */
  readonly commitTimeout: number
  /** Entries in one AppendEntries at most. Default 64; 1 to 1,024. */
  readonly maxAppendEntries: number
  /** Lets `apply` queue up to `maxAppendEntries` commands ahead, so that its `timeout` bounds only entering that buffer. Default false. */
  readonly batchApplyCh: boolean
  /** Stops a leader that is removed from the configuration. Default true. */
  readonly shutdownOnRemove: boolean
  /** How long a leader goes on without hearing from a quorum. Default 500; at least 5, at most `heartbeatTimeout`. */
  readonly leaderLeaseTimeout: number
  /** This server's ID: required and permanent. Below protocol version 3 it must be the transport's address. */
  readonly localID: ServerID
  /** Called with every change of leadership, in order, before the node goes on (`NotifyCh`). */
  readonly notify?: ((leader: boolean) => void | PromiseLike<void>) | undefined
  /** Does not restore the newest snapshot into the FSM at start; for an FSM that keeps its own state. Default false. */
  readonly noSnapshotRestoreOnStart: boolean
  /** Campaigns without asking first. Default false. */
  readonly preVoteDisabled: boolean
  /** Leaves out the metrics that carry the peer's ID in their name. Default false. */
  readonly noLegacyTelemetry: boolean
  /** Bytes of one command at most, data and extensions together; a larger one is refused at once. Default 16 MiB. */
  readonly maxCommandBytes: number
  /** Bytes of commands that may wait or be uncommitted; above it `apply` waits for room, for `timeout` at most. Default 256 MiB. */
  readonly maxPendingBytes: number
}

/** The defaults (spec chapter 7). `localID` is empty, so they do not validate until it is set. */
export function defaultConfig(): Config {
  return {
    protocolVersion: 3,
    heartbeatTimeout: 1_000,
    electionTimeout: 1_000,
    commitTimeout: 50,
    maxAppendEntries: 64,
    batchApplyCh: false,
    shutdownOnRemove: true,
    trailingLogs: 10_240,
    snapshotInterval: 120_000,
    snapshotThreshold: 8_192,
    leaderLeaseTimeout: 500,
    localID: '',
    noSnapshotRestoreOnStart: false,
    preVoteDisabled: false,
    noLegacyTelemetry: false,
    maxCommandBytes: 16 * 1_048_576,
    maxPendingBytes: 256 * 1_048_576,
  }
}
