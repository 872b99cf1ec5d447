import type { Config } from '../types/config.ts'
import { PROTOCOL_VERSION_MAX } from '../types/versions.ts'
import { formatDuration } from './go-format.ts'

/** What is wrong with a `Config`: all of it, one complaint a line. */
export class InvalidConfigError extends RangeError {
  /** Each complaint on its own, in the order of the fields. */
  readonly complaints: readonly string[]

  constructor(complaints: readonly string[]) {
    super(complaints.join('\n'))
    this.complaints = complaints
  }

  override get name(): string {
    return 'InvalidConfigError'
  }
}

const MIN_PROTOCOL_VERSION = 1
const MIN_TIMEOUT = 5
const MIN_COMMIT_TIMEOUT = 1
const MAX_APPEND_ENTRIES = 1_024

/**
 * Checks what a node is set up with (`ValidateConfig`). Throws an `InvalidConfigError`, which is a `RangeError`, that
 * lists everything that is wrong.
 */
export function validateConfig(config: Config): void {
  const complaints = [...complaintsAboutValues(config), ...complaintsAboutCombinations(config)]
  if (complaints.length > 0) throw new InvalidConfigError(complaints)
}

function* complaintsAboutValues(config: Config): Generator<string> {
  const { protocolVersion, maxAppendEntries } = config
  if (!(protocolVersion >= MIN_PROTOCOL_VERSION && protocolVersion <= PROTOCOL_VERSION_MAX)) {
    yield `ProtocolVersion ${protocolVersion} must be >= ${MIN_PROTOCOL_VERSION} and <= ${PROTOCOL_VERSION_MAX}`
  } else if (!Number.isInteger(protocolVersion)) yield `ProtocolVersion ${protocolVersion} must be an integer`
  if (typeof config.localID !== 'string' || config.localID === '') yield 'LocalID cannot be empty'
  if (!(config.heartbeatTimeout >= MIN_TIMEOUT)) yield 'HeartbeatTimeout is too low'
  if (!(config.electionTimeout >= MIN_TIMEOUT)) yield 'ElectionTimeout is too low'
  if (!(config.commitTimeout >= MIN_COMMIT_TIMEOUT)) yield 'CommitTimeout is too low'
  if (!(maxAppendEntries > 0)) yield 'MaxAppendEntries must be positive'
  else if (maxAppendEntries > MAX_APPEND_ENTRIES) yield 'MaxAppendEntries is too large'
  else if (!Number.isInteger(maxAppendEntries)) yield `MaxAppendEntries ${maxAppendEntries} must be an integer`
  if (!(config.snapshotInterval >= MIN_TIMEOUT)) yield 'SnapshotInterval is too low'
  if (!(config.leaderLeaseTimeout >= MIN_TIMEOUT)) yield 'LeaderLeaseTimeout is too low'
  if (!(config.trailingLogs >= 0)) yield 'TrailingLogs cannot be negative'
  if (!(config.snapshotThreshold >= 0)) yield 'SnapshotThreshold cannot be negative'
  if (!(config.maxCommandBytes > 0)) yield 'MaxCommandBytes must be positive'
  if (!(config.maxPendingBytes > 0)) yield 'MaxPendingBytes must be positive'
}

function* complaintsAboutCombinations(config: Config): Generator<string> {
  const { leaderLeaseTimeout, heartbeatTimeout, electionTimeout } = config
  if (leaderLeaseTimeout > heartbeatTimeout) {
    yield (
      `LeaderLeaseTimeout (${formatDuration(leaderLeaseTimeout)}) cannot be larger than heartbeat timeout ` +
      `(${formatDuration(heartbeatTimeout)})`
    )
  }
  if (electionTimeout < heartbeatTimeout) {
    yield (
      `ElectionTimeout (${formatDuration(electionTimeout)}) must be equal or greater than Heartbeat Timeout ` +
      `(${formatDuration(heartbeatTimeout)})`
    )
  }
}
