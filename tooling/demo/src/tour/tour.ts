import { parseArgs } from 'node:util'
import { Cluster } from '../cluster/cluster.ts'
import { Ledger } from '../cluster/ledger.ts'
import { Narrator, plural, seconds, standardPage, count } from './narrator.ts'
import { chooseFolder, choosePorts, wholeNumber } from './preflight.ts'
import * as steps from './steps.ts'
import { supervised, type Supervisor } from './supervise.ts'

/** What `npm start -- --help` says. */
export const tourHelp = `A tour of a replicated key-value store: three processes on this machine, and what they survive.

  npm start                    the tour; in a terminal the cluster then stays up until Ctrl-C
  npm start -- --port BASE     HTTP on BASE+1 to BASE+4, Raft on BASE+11 to BASE+14; without it, ports that are free
  npm start -- --data FOLDER   keeps the nodes' data there; without it, in a temporary folder that is removed
  npm run chaos -- --help      a longer run with a kill every few seconds
`

/** The tour may take so long, and is ended then. In milliseconds. */
const limit = 180_000
const electionTimeout = 500

/** Gives the tour. Resolves with the exit status. */
export async function tour(parameters: readonly string[]): Promise<number> {
  const options = { port: { type: 'string' }, data: { type: 'string' }, help: { type: 'boolean' } } as const
  const { values } = parseArgs({ args: [...parameters], options })
  if (values.help === true) {
    process.stdout.write(tourHelp)
    return 0
  }
  const base = wholeNumber('port', values.port, { min: 1, max: 65_500 })
  const portBase = await choosePorts(base)
  const folder = await chooseFolder(values.data)
  const narrator = new Narrator(standardPage())
  const nodeParameters = ['--heartbeat', String(electionTimeout)]
  const cluster = new Cluster({ folder: folder.path, portBase, size: 3, parameters: nodeParameters })
  narrator.say('A tour of a replicated key-value store: three processes on this machine, each with a SQLite log,')
  narrator.say(`file snapshots and the TCP transport. Their data is in ${folder.path}.`)
  const ledger = new Ledger()
  const stays = process.stdin.isTTY && process.stdout.isTTY
  return supervised({ cluster, narrator, limit }, async (supervisor) => {
    const started = performance.now()
    await walk({ cluster, ledger, narrator, timeout: electionTimeout }, stays)
    if (stays) {
      await stay({ cluster, narrator, supervisor })
      return
    }
    const took = seconds(performance.now() - started)
    narrator.good(`Done in ${took}: ${count(ledger.acknowledged.length)} writes were acknowledged, and none was lost.`)
  })
}

async function walk(tour: steps.Tour, stays: boolean): Promise<void> {
  const { narrator } = tour
  await narrator.step('Three processes form a cluster', () => steps.form(tour))
  await narrator.step('1,000 writes through HTTP', () => steps.write(tour, 'first', 1_000))
  const killed = await narrator.step('The leader is killed under load', () => steps.killLeader(tour))
  await narrator.step('No acknowledged write is missing on the other two', () => steps.compare(tour))
  await narrator.step('The killed process starts again from its own disk', () => steps.restart(tour, killed))
  await narrator.step('No acknowledged write is missing on any of the three', () => steps.compare(tour))
  await narrator.step('Snapshots are taken and the logs compacted', () => steps.compact(tour))
  await narrator.step('A fourth node gets the snapshot and becomes a voter', () => steps.grow(tour))
  await narrator.step('Leadership is transferred', () => steps.transfer(tour))
  await narrator.step('No acknowledged write is missing on any of the four', () => steps.compare(tour))
  if (!stays) await narrator.step('A clean stop', () => steps.stop(tour))
}

/** Leaves the cluster to the user until Ctrl-C. */
async function stay({ cluster, narrator, supervisor }: Stay): Promise<void> {
  narrator.good(`The ${plural(cluster.running.length, 'node')} stay up until you press Ctrl-C. In another terminal:`)
  narrator.say()
  const http = cluster.addresses[0]
  narrator.fact(`curl -L -X PUT http://${http}/kv/city -d Rome   # any node will do: it sends you to the leader`)
  narrator.fact(`curl -L http://${http}/kv/city                  # certainly current`)
  narrator.fact(`curl http://${http}/status                      # who leads, and how far everything is`)
  narrator.say()
  for (const { id, pid, place } of cluster.running) narrator.fact(`${id}  process ${pid}  http://${place.http}`)
  narrator.say()
  narrator.fact('Kill one with `kill -9`: it is started again after a few seconds.')
  const revival = setInterval(() => void revive(cluster, narrator), 3_000)
  await supervisor.interrupted()
  clearInterval(revival)
  narrator.say('\nStopping …')
  await cluster.stop()
  narrator.say('Stopped.')
}

interface Stay {
  readonly cluster: Cluster
  readonly narrator: Narrator
  readonly supervisor: Supervisor
}

async function revive(cluster: Cluster, narrator: Narrator): Promise<void> {
  const gone = cluster.nodes.filter((node) => !node.running)
  for (const node of gone) {
    try {
      await node.start()
      narrator.fact(`${node.id} is back, as process ${node.pid}.`)
    } catch (error) {
      narrator.fact(error instanceof Error ? error.message : String(error))
    }
  }
}
