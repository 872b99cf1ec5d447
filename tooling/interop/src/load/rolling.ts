// A cluster that serves, replaced server by server by servers of the other program; docs/rolling-replacement.md.
import { Cluster, durable } from '../cluster/cluster.ts'
import { claim, until } from '../cluster/wait.ts'
import type { Kind } from '../control/protocol.ts'
import type { PeerProcess } from '../peers/peer-process.ts'
import { Load, type LoadReport } from './load.ts'

/** The longest that writes may have to wait: an election, with what a loaded machine adds. */
const longestPause = 2_000
const flags = ['--heartbeat=500', '--election=500', '--lease=400', '--commit=20', '--trailing=200', ...durable]

/** Go becomes TypeScript, then Go again, under load. Says each step. Throws if a write is lost or has to wait too long. */
export async function rollingReplacement(folder: string, say: (line: string) => void): Promise<LoadReport> {
  const cluster = await Cluster.start({ folder, programs: ['go', 'go', 'go'], flags })
  try {
    // So that newcomers need a snapshot, as they will in a cluster that has lived for a while.
    const leader = await cluster.leader()
    await leader.control.fill({ count: 1_000, bytes: 200, prefix: 'before', window: 64 })
    for (const peer of cluster.peers) await peer.control.snapshot()
    const load = new Load(cluster, 'load')
    for (const kind of ['ts', 'go'] as const) {
      for (const old of [...cluster.peers]) await replace(cluster, old, { kind, say })
      say(`all are ${kind === 'ts' ? 'TypeScript' : 'Go'}; ${load.acknowledged} writes so far`)
    }
    const report = await load.stop()
    await check(cluster, report)
    return report
  } finally {
    await cluster.kill()
  }
}

interface How {
  readonly kind: Kind
  readonly say: (line: string) => void
}

/** One server makes room for a new one, which has a name, an address and a disk of its own. */
async function replace(cluster: Cluster, old: PeerProcess, { kind, say }: How): Promise<void> {
  const joiner = await cluster.add(kind)
  await joiner.start()
  let leader = await cluster.leader(cluster.others(joiner))
  await leader.control.change('addNonvoter', joiner.id, joiner.address)
  await until(`${joiner.id} to catch up`, async () => {
    const [theirs, ours] = await Promise.all([leader.control.stats(), joiner.control.stats()])
    return ours.appliedIndex + 50 >= theirs.commitIndex || undefined
  })
  await leader.control.change('addVoter', joiner.id, joiner.address)
  if (leader === old) leader = await cluster.lead(joiner)
  await leader.control.change('removeServer', old.id)
  await cluster.drop(old)
  say(`${old.id} has made room for ${joiner.id}; ${(await cluster.leader()).id} leads`)
}

async function check(cluster: Cluster, report: LoadReport): Promise<void> {
  await cluster.settled()
  for (const peer of cluster.peers) {
    const rows = await peer.control.ask<[string, string, number, number][]>('/dump')
    const held = new Map(rows.map(([key, , index]) => [key, index]))
    for (const [key, index] of report.acknowledged) {
      claim(
        held.get(key) === index,
        () => `${peer.id}: ${key} was acknowledged at ${index}, and is at ${held.get(key)}`,
      )
    }
  }
  claim(report.acknowledged.size > 100, `only ${report.acknowledged.size} writes were acknowledged`)
  claim(report.longestPause < longestPause, `writes had to wait ${report.longestPause} ms`)
}
