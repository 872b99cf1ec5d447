import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '@raft-tooling/interop/cluster/cluster'
import type { PeerProcess } from '@raft-tooling/interop/peers/peer-process'
import { markdownTable } from '../report/markdown.ts'
import { spread } from '../report/numbers.ts'
import { spreadOf } from '../suite/statistics.ts'
import type { Extra } from './extra.ts'
import { type Kind, kindNames, kinds, withServers } from './servers.ts'

const TIMES = 7

/** From the end of the leader's process to the first commit of the next leader, with the default timeouts of 1 s. */
export const failover: Extra = {
  name: 'failover',
  async run({ go, say }) {
    const figures = new Map<Kind, number[]>()
    for (let time = 1; time <= TIMES; time++) {
      for (const kind of kinds(go)) {
        const took = await withServers({ kind }, killLeader)
        figures.set(kind, [...(figures.get(kind) ?? []), took])
        say(`failover, ${kindNames[kind]}, ${time} of ${TIMES}: ${Math.round(took)} ms`)
      }
    }
    const table = markdownTable(
      [`leader killed, ${TIMES} times`, 'ms to the first commit of the next'],
      [...figures].map(([kind, all]) => [kindNames[kind], spread(spreadOf(all))]),
    )
    return { table, figures: Object.fromEntries(figures) }
  },
}

async function killLeader(cluster: Cluster): Promise<number> {
  const leader = await cluster.leader()
  await leader.control.put('before', 'x')
  const others = cluster.others(leader)
  const killed = performance.now()
  await leader.kill()
  const race = { over: false }
  await Promise.race(others.map((peer) => untilApplied(peer, race)))
  race.over = true
  return performance.now() - killed
}

/** Asks until a command is applied, or the other one has applied one. */
async function untilApplied(peer: PeerProcess, race: { readonly over: boolean }): Promise<void> {
  while (!race.over) {
    try {
      await peer.control.put('after', 'x')
      return
    } catch {
      await sleep(2)
    }
  }
}
