// The steps of the tour. Each does something to a real cluster, checks what came of it, and says it with figures.
import { setTimeout as pause } from 'node:timers/promises'
import { check } from '../cluster/checks.ts'
import { type Cluster, type LeaderFound, until } from '../cluster/cluster.ts'
import { type Ledger, longestGap, percentile, type Write } from '../cluster/ledger.ts'
import { Load } from '../cluster/load.ts'
import { type NodeProcess } from '../cluster/node-process.ts'
import { count, list, milliseconds, type Narrator, plural } from './narrator.ts'

/** What the steps work on. */
export interface Tour {
  readonly cluster: Cluster
  readonly ledger: Ledger
  readonly narrator: Narrator
  /** The election timeout of the nodes, in milliseconds. */
  readonly timeout: number
}

const clients = 8

/** Three processes start from nothing and agree on a leader. */
export async function form({ cluster, narrator }: Tour): Promise<void> {
  const started = performance.now()
  await cluster.start()
  const { node, status } = await cluster.agreed()
  const took = performance.now() - started
  for (const { id, pid, place } of cluster.nodes) narrator.fact(`${id}  process ${pid}  http://${place.http}`)
  narrator.fact(`${node.id} leads in term ${status.term}, ${milliseconds(took)} after the processes were started.`)
}

/** Writes, until so many are acknowledged. */
export async function write({ cluster, ledger, narrator }: Tour, prefix: string, amount: number): Promise<void> {
  const before = ledger.writes.length
  const started = performance.now()
  const { addresses } = cluster
  await new Load({ addresses, ledger, prefix, clients, limit: amount }).finished()
  const took = performance.now() - started
  const writes = ledger.writes.slice(before)
  const acknowledged = writes.filter(({ end }) => end.outcome === 'acknowledged')
  const times = acknowledged.map((one) => one.ended - one.started)
  const rate = (acknowledged.length / took) * 1_000
  narrator.fact(`${count(acknowledged.length)} acknowledged, ${count(rate)} a second by ${clients} clients;`)
  narrator.fact(
    `half of them within ${milliseconds(percentile(times, 0.5))}, 99% within ${milliseconds(percentile(times, 0.99))}.`,
  )
  tellUnknown({ narrator }, writes)
}

/** The leader is killed while clients write. Returns it, dead. */
export async function killLeader({ cluster, ledger, narrator, timeout }: Tour): Promise<NodeProcess> {
  const { node: old, status } = await cluster.agreed()
  const before = ledger.writes.length
  const load = new Load({ addresses: cluster.addresses, ledger, prefix: 'failover', clients })
  await pause(500)
  const killed = performance.now()
  await old.kill()
  narrator.fact(
    `${old.id}, the leader of term ${status.term}, was killed (SIGKILL) while ${clients} clients were writing.`,
  )
  const { node, status: now } = await cluster.elected({ after: status.term })
  const elected = performance.now() - killed
  await until('a write that the new leader acknowledges', 10_000, async () =>
    Promise.resolve(
      ledger.writes.slice(before).some(({ started, end }) => started > killed && end.outcome === 'acknowledged') ||
        undefined,
    ),
  )
  await pause(500)
  await load.stop()
  // Silence is noticed after one to two timeouts; a vote that stays undecided is repeated after one to two more.
  const bound = 4 * timeout
  narrator.fact(
    `${node.id} was elected in term ${now.term} after ${milliseconds(elected)}; the election timeouts allow ${count(bound)} ms.`,
  )
  if (elected > bound)
    throw new Error(`the election took ${milliseconds(elected)}, and the timeouts allow ${count(bound)} ms`)
  tellLoad({ ledger, narrator }, before, killed)
  return old
}

function tellLoad({ ledger, narrator }: Pick<Tour, 'ledger' | 'narrator'>, before: number, from: number): void {
  const writes = ledger.writes.slice(before)
  const acknowledged = ledger.acknowledged.filter(({ ended }) => ended >= (writes[0]?.ended ?? 0))
  const last = acknowledged.at(-1)?.ended ?? from
  const gap = longestGap(acknowledged, acknowledged[0]?.ended ?? from, last)
  narrator.fact(
    `${count(acknowledged.length)} writes were acknowledged meanwhile; the longest pause was ${milliseconds(gap)}.`,
  )
  tellUnknown({ narrator }, writes)
}

function tellUnknown({ narrator }: Pick<Tour, 'narrator'>, writes: readonly Write[]): void {
  const open = writes.filter(({ end }) => end.outcome === 'unknown').length
  if (open > 0) narrator.fact(`The outcome of ${plural(open, 'write')} is unknown to the clients.`)
}

/** Every acknowledged write is read back from every running node's own state. */
export async function compare({ cluster, ledger, narrator }: Tour): Promise<void> {
  const nodes = cluster.running
  const index = await cluster.caughtUp(nodes)
  const dumps = await Promise.all(nodes.map((node) => node.dump()))
  const verdict = check(ledger, dumps)
  if (verdict.complaints.length > 0) {
    throw new Error(`${plural(verdict.complaints.length, 'complaint')}: ${verdict.complaints.slice(0, 5).join('; ')}`)
  }
  const names = list(nodes.map(({ id }) => id))
  narrator.fact(
    `Read ${names}, each up to entry ${count(index)}: all ${count(verdict.acknowledged)} acknowledged writes`,
  )
  narrator.fact(`are on each of them, once, in one order (digest ${dumps[0]?.digest.slice(0, 12)}…).`)
  if (verdict.unknown > 0) {
    narrator.fact(
      `Of ${plural(verdict.unknown, 'write')} with an unknown outcome, ${verdict.unknownApplied} turned out to have happened.`,
    )
  }
}

/** The killed process is started again where it was. */
export async function restart({ cluster, narrator }: Tour, node: NodeProcess): Promise<void> {
  await node.start()
  const started = performance.now()
  const { onDisk } = await node.status()
  const index = await cluster.caughtUp([node])
  narrator.fact(`${node.id} found entries ${count(onDisk.first)} to ${count(onDisk.last)} on its own disk`)
  narrator.fact(
    `and had applied everything up to ${count(index)} ${milliseconds(performance.now() - started)} after it answered.`,
  )
}

/** Every node takes a snapshot and drops the entries that it stands for. */
export async function compact({ cluster, narrator }: Tour): Promise<void> {
  await cluster.caughtUp()
  for (const node of cluster.running) {
    const { log: before } = await node.status()
    const { snapshot } = await node.admin<{ snapshot: { index: number; size: number } }>('snapshot')
    // Entries are dropped behind the writes that are under way, a moment after the snapshot.
    const after = await until(`${node.id} to compact its log`, 10_000, async () => {
      const { log } = await node.status()
      return log.first > before.first ? log : undefined
    })
    const size = `${count(snapshot.size)} bytes`
    narrator.fact(`${node.id}  snapshot at entry ${count(snapshot.index)} (${size});`)
    narrator.fact(`    its log held ${range(before)} and holds ${range(after)} now.`)
  }
}

function range({ first, last }: { readonly first: number; readonly last: number }): string {
  return `entries ${count(first)} to ${count(last)}`
}

/** A fourth node comes with an empty disk. The entries that it lacks are gone from every log: it needs the snapshot. */
export async function grow({ cluster, narrator }: Tour): Promise<void> {
  const node = cluster.add()
  await node.start()
  const started = performance.now()
  const server = await until(`${node.id} to become a voter`, 30_000, async () => {
    const { configuration } = await node.status()
    return configuration.servers.find(({ id, suffrage }) => id === node.id && suffrage === 'Voter')
  })
  const took = performance.now() - started
  await cluster.caughtUp([node])
  const { snapshot, store, log, configuration } = await node.status()
  const { times, entries } = store.restored
  if (times === 0 || snapshot === null) throw new Error(`${node.id} was sent no snapshot`)
  narrator.fact(`${node.id}  process ${node.pid}  http://${node.place.http}, with an empty disk, asked to be let in.`)
  narrator.fact(
    `It was sent the snapshot at entry ${count(snapshot.index)} (${count(snapshot.size)} bytes) and restored ${count(entries)} keys from it;`,
  )
  narrator.fact(
    `its log begins at ${count(log.first)}. It became a ${server.suffrage.toLowerCase()} by entry ${count(configuration.index)}, after ${milliseconds(took)}.`,
  )
}

/** Leadership goes to another node on purpose, while clients write. */
export async function transfer({ cluster, ledger, narrator }: Tour): Promise<LeaderFound> {
  const { node: old, status } = await cluster.agreed()
  const to = cluster.running.at(-1)?.id
  const before = ledger.writes.length
  const load = new Load({ addresses: cluster.addresses, ledger, prefix: 'transfer', clients })
  await pause(200)
  const started = performance.now()
  await old.admin('transfer', to === undefined || to === old.id ? {} : { id: to })
  const found = await cluster.elected({ after: status.term })
  const took = performance.now() - started
  await pause(200)
  await load.stop()
  narrator.fact(
    `${old.id} handed over to ${found.node.id} in ${milliseconds(took)}; the term is ${found.status.term} now.`,
  )
  tellLoad({ ledger, narrator }, before, started)
  return found
}

/** Everybody goes, in order. */
export async function stop({ cluster, narrator }: Tour): Promise<void> {
  const started = performance.now()
  const ends = await cluster.stop()
  const bad = [...ends].filter(([, end]) => end !== 0)
  if (bad.length > 0) throw new Error(`${bad.map(([id, end]) => `${id} ended with ${end}`).join(', ')}`)
  narrator.fact(
    `${list([...ends.keys()])} were asked to stop (SIGTERM) and ended with status 0 within ${milliseconds(performance.now() - started)}.`,
  )
}
