import { parseArgs } from 'node:util'
import { check } from '../cluster/checks.ts'
import { Cluster } from '../cluster/cluster.ts'
import { Ledger, longestGap, percentile } from '../cluster/ledger.ts'
import { Load } from '../cluster/load.ts'
import { count, milliseconds, Narrator, seconds, standardPage } from '../tour/narrator.ts'
import { chooseFolder, choosePorts, wholeNumber } from '../tour/preflight.ts'
import { supervised } from '../tour/supervise.ts'
import { Killer } from './killer.ts'

const chaosHelp = `A cluster under fire: clients write unique values while processes are killed and started again.

  npm run chaos -- --seconds N    how long (60)
                   --every N      seconds between kills (3)
                   --clients N    clients that write, one value after another each (8)
                   --nodes N      processes (3)
                   --port BASE, --data FOLDER   as for npm start

Each kill is a SIGKILL of one process chosen at random, the leader three times as likely as any other, since its death
is the one that matters; it is started again from its own disk half a second to a second later. At the end every
acknowledged value must be on every node, once, in one order.
`

/** How much is written, how often the leader is hit and how long nothing may be acknowledged, for the run to count. */
export interface Demands {
  readonly acknowledged: number
  readonly leaderKills: number
  readonly gap: number
}

/** What a run of so many seconds must reach. A minute: 5,000 writes and 5 kills of a leader. A few kills may all miss. */
export function demandsFor(duration: number, every: number): Demands {
  const kills = Math.floor(duration / every)
  return {
    acknowledged: Math.floor(duration * (5_000 / 60)),
    leaderKills: kills < 12 ? 0 : Math.floor(kills / 4),
    gap: 5_000,
  }
}

interface Run {
  readonly cluster: Cluster
  readonly ledger: Ledger
  readonly narrator: Narrator
  readonly duration: number
  readonly every: number
  readonly clients: number
}

/** Runs it. Resolves with the exit status. */
export async function chaos(parameters: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const
  const options = {
    seconds: text,
    every: text,
    clients: text,
    nodes: text,
    port: text,
    data: text,
    help: { type: 'boolean' },
  } as const
  const { values } = parseArgs({ args: [...parameters], options })
  if (values.help === true) {
    process.stdout.write(chaosHelp)
    return 0
  }
  const number = (
    name: 'seconds' | 'every' | 'clients' | 'nodes',
    fallback: number,
    range: { min: number; max: number },
  ) => wholeNumber(name, values[name], range) ?? fallback
  const duration = number('seconds', 60, { min: 5, max: 86_400 })
  const every = number('every', 3, { min: 2, max: 3_600 })
  const clients = number('clients', 8, { min: 1, max: 256 })
  const size = number('nodes', 3, { min: 3, max: 9 })
  const portBase = await choosePorts(wholeNumber('port', values.port, { min: 1, max: 65_500 }))
  const folder = await chooseFolder(values.data)
  // Snapshots every so often, and few entries kept behind them, so that a node that comes back needs one at times.
  const often = ['--snapshot-threshold', '4000', '--snapshot-interval', '3000', '--trailing-logs', '500']
  const cluster = new Cluster({ folder: folder.path, portBase, size, parameters: often })
  const narrator = new Narrator(standardPage())
  narrator.say(`${size} processes, ${clients} clients, a kill every ${every} s, for ${duration} s.`)
  const run = { cluster, ledger: new Ledger(), narrator, duration, every, clients }
  return supervised({ cluster, narrator, limit: duration * 1_000 + 120_000 }, async () => fight(run))
}

async function fight({ cluster, ledger, narrator, duration, every, clients }: Run): Promise<void> {
  await cluster.start()
  const { node } = await cluster.agreed()
  narrator.say(`${node.id} leads. Fire.\n`)
  const started = performance.now()
  const load = new Load({ addresses: cluster.addresses, ledger, prefix: 'chaos', clients })
  const killer = new Killer({
    cluster,
    every,
    say: (line) => narrator.fact(line),
    written: () => ledger.acknowledged.length,
  })
  await killer.run(started + duration * 1_000)
  const ended = performance.now()
  await load.stop()
  await cluster.caughtUp(cluster.nodes, 60_000)
  const statuses = await Promise.all(cluster.nodes.map(async (each) => each.status()))
  const verdict = check(ledger, await Promise.all(cluster.nodes.map(async (each) => each.dump())))
  const { acknowledged } = ledger
  const gap = longestGap(acknowledged, started, ended)
  const times = acknowledged.map((write) => write.ended - write.started)
  const snapshots = statuses.filter(({ store }) => store.restored.times > 0).length
  narrator.say(`
writes acknowledged   ${count(acknowledged.length)} (${count((acknowledged.length / (ended - started)) * 1_000)} a second)
outcome unknown       ${count(verdict.unknown)}, of which ${count(verdict.unknownApplied)} had happened
kills                 ${count(killer.kills)}, of which ${count(killer.leaderKills)} hit the leader
longest gap           ${milliseconds(gap)} without an acknowledgement
latency               p50 ${milliseconds(percentile(times, 0.5))}, p99 ${milliseconds(percentile(times, 0.99))}
terms                 ${count(statuses[0]?.term ?? 0)}
state from a snapshot on ${snapshots} of ${statuses.length} nodes since they were last started`)
  judge(
    { complaints: verdict.complaints, acknowledged: acknowledged.length, leaderKills: killer.leaderKills, gap },
    demandsFor(duration, every),
  )
  await cluster.stop()
  narrator.good(
    `Every acknowledged value is on all ${statuses.length} nodes, once, in one order. (${seconds(performance.now() - started)})`,
  )
}

/** Throws with everything that is not as it must be. */
export function judge(reached: Demands & { readonly complaints: readonly string[] }, demanded: Demands): void {
  const failures = reached.complaints.slice(0, 10)
  if (reached.complaints.length > 10) failures.push(`and ${reached.complaints.length - 10} more complaints`)
  if (reached.acknowledged < demanded.acknowledged)
    failures.push(`fewer than ${count(demanded.acknowledged)} writes were acknowledged`)
  if (reached.leaderKills < demanded.leaderKills)
    failures.push(`fewer than ${demanded.leaderKills} kills hit the leader: run it again, or longer`)
  if (reached.gap > demanded.gap)
    failures.push(
      `for ${milliseconds(reached.gap)} nothing was acknowledged, and ${milliseconds(demanded.gap)} are allowed`,
    )
  if (failures.length > 0) throw new Error(failures.join('\n'))
}
