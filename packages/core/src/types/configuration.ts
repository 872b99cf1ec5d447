import type { ServerAddress, ServerID } from './identity.ts'

/** Has a vote and counts for the quorum; receives the log without a vote; receives the log until the leader promotes it. */
export type ServerSuffrage = 'Voter' | 'Nonvoter' | 'Staging'

/** The suffrages in the order of their numbers on the wire and on disk: 0, 1, 2. */
export const serverSuffrages: readonly ServerSuffrage[] = ['Voter', 'Nonvoter', 'Staging']

/** One member of the cluster. */
export interface Server {
  readonly suffrage: ServerSuffrage
  readonly id: ServerID
  readonly address: ServerAddress
}

/** The members of the cluster. The order is kept and counts for byte equality; IDs and addresses are unique. */
export interface Configuration {
  readonly servers: readonly Server[]
}

/**
 * The servers of a configuration that was nil in Go. It is an ordinary empty list; the codec recognises it, so that the
 * bytes of a nil list come back as they were.
 */
export const NO_SERVERS: readonly Server[] = Object.freeze([])

/** A copy that shares nothing with the original (`Configuration.Clone`). */
export function cloneConfiguration(configuration: Configuration): Configuration {
  if (configuration.servers.length === 0) return { servers: NO_SERVERS }
  return { servers: configuration.servers.map((server) => ({ ...server })) }
}

/** A configuration and the index of the entry that made it; index 0 is "none yet". */
export interface IndexedConfiguration {
  readonly configuration: Configuration
  readonly index: number
}

/** How a configuration is to change. The numbers are Go's; they are never stored or sent. */
export const ConfigurationChangeCommand = {
  /** Makes a server a voter: through staging at protocol version 3, at once below it. */
  AddVoter: 0,
  /** Makes a server a member without a vote. */
  AddNonvoter: 1,
  /** Takes a member's vote and keeps it as a non-voter. */
  DemoteVoter: 2,
  /** Takes a member out. */
  RemoveServer: 3,
  /** Turns a staging server into a voter; made by the leader alone. */
  Promote: 4,
  /** Alias of `AddVoter`. */
  AddStaging: 0,
} as const

/** One of the numbers of the `ConfigurationChangeCommand` object. */
export type ConfigurationChangeCommand = (typeof ConfigurationChangeCommand)[keyof typeof ConfigurationChangeCommand]

const commandNames: readonly string[] = ['AddVoter', 'AddNonvoter', 'DemoteVoter', 'RemoveServer', 'Promote']

/** The name of a change as Go prints it; an unknown number gives `ConfigurationChangeCommand`. */
export function configurationChangeCommandName(command: number): string {
  return commandNames[command] ?? 'ConfigurationChangeCommand'
}
