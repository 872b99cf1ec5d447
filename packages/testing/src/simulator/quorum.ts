import { type Configuration, LogType } from '@raft/core'
import { decodeConfiguration } from '@raft/core/wire'
import { votersOf } from '../checks/configurations.ts'
import type { SimulatedServer } from './simulated-server.ts'

/** Every membership that may be in force: those of the logs and newest snapshots of all servers that are in use. */
export function configurationsOf<R>(servers: readonly SimulatedServer<R>[]): readonly Configuration[] {
  const found: Configuration[] = []
  for (const { disk, retired, inspection } of servers) {
    if (retired) continue
    if (inspection !== undefined) {
      found.push(inspection.latestConfiguration.configuration, inspection.committedConfiguration.configuration)
      continue
    }
    const { meta } = disk.durableSnapshots[0] ?? {}
    if (meta !== undefined) found.push(meta.configuration)
    const logs = disk.durable.logs().filter(({ type }) => type === LogType.Configuration)
    for (const { data } of logs.slice(-2)) if (data !== undefined) found.push(decodeConfiguration(data))
  }
  return found.filter(({ servers: members }) => members.length > 0)
}

/** As few of the servers as are a majority in each membership, those at the end left out first; none of them is damaged. */
export function majorityAmong<R>(
  servers: readonly SimulatedServer<R>[],
  configurations: readonly Configuration[],
): readonly SimulatedServer<R>[] {
  let core = servers.filter(({ retired, disk }) => !retired && !disk.isDamaged)
  const isMajority = (some: readonly SimulatedServer<R>[]): boolean =>
    configurations.every((configuration) => {
      const voters = votersOf(configuration)
      return voters.filter(({ id }) => some.some((server) => server.id === id)).length * 2 > voters.length
    })
  for (const server of core.toReversed()) {
    const without = core.filter((other) => other !== server)
    if (isMajority(without)) core = without
  }
  return core
}
