import type { Configuration, Server } from '@raft/core'

/** The members that have a vote. */
export function votersOf({ servers }: Configuration): readonly Server[] {
  return servers.filter(({ suffrage }) => suffrage === 'Voter')
}

/** What is wrong with a configuration, if something is. */
export function configurationComplaint(configuration: Configuration): string | undefined {
  const { servers } = configuration
  if (servers.length === 0) return undefined
  if (votersOf(configuration).length === 0) return 'nobody has a vote'
  if (new Set(servers.map(({ id }) => id)).size < servers.length) return 'two servers have one ID'
  if (new Set(servers.map(({ address }) => address)).size < servers.length) return 'two servers have one address'
  return undefined
}
