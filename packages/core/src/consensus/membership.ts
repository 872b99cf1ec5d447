import {
  type Configuration,
  ConfigurationChangeCommand,
  type IndexedConfiguration,
  type Server,
  type ServerSuffrage,
} from '../types/configuration.ts'
import { ConfigurationError } from '../types/errors.ts'
import type { Peer, ServerID } from '../types/identity.ts'

/** Whether the server has a vote in the configuration. */
export function hasVote(configuration: Configuration, id: ServerID): boolean {
  return configuration.servers.some((server) => server.id === id && server.suffrage === 'Voter')
}

/** The server of that ID, if it is a member. */
export function memberOf(configuration: Configuration, id: ServerID): Server | undefined {
  return configuration.servers.find((server) => server.id === id)
}

/** The members that have a vote, in the configuration's order. */
export function votersOf(configuration: Configuration): readonly Server[] {
  return configuration.servers.filter((server) => server.suffrage === 'Voter')
}

/** The configuration as Go prints it, for error texts and statistics. */
export function formatConfiguration(configuration: Configuration): string {
  const servers = configuration.servers.map((server) => `{${server.suffrage} ${server.id} ${server.address}}`)
  return `{[${servers.join(' ')}]}`
}

/** Throws a `ConfigurationError` if IDs or addresses are empty or not unique, or nobody has a vote (spec §5.3). */
export function checkConfiguration(configuration: Configuration): void {
  const ids = new Set<string>()
  const addresses = new Set<string>()
  let voters = 0
  for (const { id, address, suffrage } of configuration.servers) {
    const shown = (): string => formatConfiguration(configuration)
    if (id === '') throw new ConfigurationError(`empty ID in configuration: ${shown()}`)
    if (address === '') throw new ConfigurationError(`empty address in configuration: ${shown()}`)
    if (ids.has(id)) throw new ConfigurationError(`found duplicate ID in configuration: ${id}`)
    if (addresses.has(address)) throw new ConfigurationError(`found duplicate address in configuration: ${address}`)
    ids.add(id)
    addresses.add(address)
    if (suffrage === 'Voter') voters += 1
  }
  if (voters === 0) {
    throw new ConfigurationError(`need at least one voter in configuration: ${formatConfiguration(configuration)}`)
  }
}

/** A change of the configuration. */
export interface ConfigurationChange {
  readonly command: ConfigurationChangeCommand
  readonly server: Peer
  /** The index of the configuration that the caller knows; 0 does not care. */
  readonly prevIndex: number
  /** What `AddVoter` makes of a server that has no vote: staging at protocol version 3, a voter below it. */
  readonly newVoter: 'Staging' | 'Voter'
}

/** The configuration after the change; throws a `ConfigurationError` if it is not allowed (spec §6.22). */
export function nextConfiguration(current: IndexedConfiguration, change: ConfigurationChange): Configuration {
  if (change.prevIndex > 0 && change.prevIndex !== current.index) {
    throw new ConfigurationError(`configuration changed since ${change.prevIndex} (latest is ${current.index})`)
  }
  const next = { servers: changedServers(current.configuration.servers, change) }
  checkConfiguration(next)
  return next
}

function changedServers(servers: readonly Server[], change: ConfigurationChange): readonly Server[] {
  const { id, address } = change.server
  const member = servers.find((server) => server.id === id)
  const put = (suffrage: ServerSuffrage, at: string = address): readonly Server[] => {
    const changed = { suffrage, id, address: at }
    return member === undefined ? [...servers, changed] : servers.map((server) => (server.id === id ? changed : server))
  }
  switch (change.command) {
    case ConfigurationChangeCommand.AddVoter:
      return put(member?.suffrage === 'Voter' ? 'Voter' : change.newVoter)
    case ConfigurationChangeCommand.AddNonvoter:
      // A voter keeps its vote: only demoteVoter takes it. Staging is taken back (design, chapter 4).
      return put(member?.suffrage === 'Voter' ? 'Voter' : 'Nonvoter')
    case ConfigurationChangeCommand.DemoteVoter:
      return member === undefined ? servers : put('Nonvoter', member.address)
    case ConfigurationChangeCommand.RemoveServer:
      return servers.filter((server) => server.id !== id)
    case ConfigurationChangeCommand.Promote:
      return member?.suffrage === 'Staging' && member.address === address ? put('Voter') : servers
  }
}
