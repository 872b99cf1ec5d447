/** The version of the RPCs and of the log entries for membership (spec §5.8). A node can be configured for 1 to 3. */
export type ProtocolVersion = 0 | 1 | 2 | 3
/** The oldest protocol version that is understood on receipt. */
export const PROTOCOL_VERSION_MIN = 0
/** The newest protocol version, and the default. */
export const PROTOCOL_VERSION_MAX = 3

/** The version of a snapshot's metadata: 0 names legacy peers, 1 a configuration. Only 1 is written. */
export type SnapshotVersion = 0 | 1
/** The oldest snapshot version that can be read. */
export const SNAPSHOT_VERSION_MIN = 0
/** The newest snapshot version, and the one that is written. */
export const SNAPSHOT_VERSION_MAX = 1

/** Advice for the size of one command in bytes: larger ones make heartbeats of a slow network late. Not enforced. */
export const SUGGESTED_MAX_DATA_SIZE = 524_288
