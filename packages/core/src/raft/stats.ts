import { hasVote, votersOf } from '../consensus/membership.ts'
import type { Configuration } from '../types/configuration.ts'
import {
  PROTOCOL_VERSION_MAX,
  PROTOCOL_VERSION_MIN,
  SNAPSHOT_VERSION_MAX,
  SNAPSHOT_VERSION_MIN,
} from '../types/versions.ts'
import { formatDuration } from './go-format.ts'
import type { Node } from './node.ts'

/** The names of the values in `Raft.stats()`, which are Go's. */
export type StatName =
  | 'state'
  | 'term'
  | 'last_log_index'
  | 'last_log_term'
  | 'commit_index'
  | 'applied_index'
  | 'fsm_pending'
  | 'last_snapshot_index'
  | 'last_snapshot_term'
  | 'protocol_version'
  | 'protocol_version_min'
  | 'protocol_version_max'
  | 'snapshot_version_min'
  | 'snapshot_version_max'
  | 'latest_configuration_index'
  | 'latest_configuration'
  | 'num_peers'
  | 'last_contact'

/** Values for people, as text. */
export type Stats = Readonly<Record<StatName, string>>

/** The statistics of a node (spec §6.30). */
export function statsOf({ consensus, keeping, config, context }: Node, state: string): Stats {
  const { configuration, index } = consensus.latestConfiguration
  const isVoter = hasVote(configuration, config.localID)
  const { lastContact } = consensus
  const silence = lastContact === undefined ? 'never' : formatDuration(context.clock.now() - lastContact)
  return {
    state,
    term: String(consensus.term),
    last_log_index: String(consensus.lastIndex),
    last_log_term: String(consensus.lastTerm),
    commit_index: String(consensus.commitIndex),
    applied_index: String(consensus.appliedIndex),
    fsm_pending: String(keeping.applier.pending),
    last_snapshot_index: String(consensus.snapshot.index),
    last_snapshot_term: String(consensus.snapshot.term),
    protocol_version: String(config.protocolVersion),
    protocol_version_min: String(PROTOCOL_VERSION_MIN),
    protocol_version_max: String(PROTOCOL_VERSION_MAX),
    snapshot_version_min: String(SNAPSHOT_VERSION_MIN),
    snapshot_version_max: String(SNAPSHOT_VERSION_MAX),
    latest_configuration_index: String(index),
    latest_configuration: formatServers(configuration),
    num_peers: String(isVoter ? votersOf(configuration).length - 1 : 0),
    last_contact: state === 'Leader' ? '0' : silence,
  }
}

/** As Go prints them with `%+v`. */
function formatServers({ servers }: Configuration): string {
  const all = servers.map(({ suffrage, id, address }) => `{Suffrage:${suffrage} ID:${id} Address:${address}}`)
  return `[${all.join(' ')}]`
}
