// A mixed cluster of five whose servers are killed, paused and cut off from each other while clients read and write.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePortBase } from '@raft-tooling/demo/cluster/ports'
import { checkLinearizable, SeededRandom } from '@raft/testing'
import { Cluster, durable } from '../cluster/cluster.ts'
import { pause } from '../cluster/wait.ts'
import type { Kind } from '../control/protocol.ts'
import { lastScenarios } from '../scenarios/entries.ts'
import type { Pairing } from '../scenarios/scenario.ts'
import { Clients, type Counts } from './clients.ts'
import { keyModel } from './model.ts'
import { type FaultCounts, Nemesis } from './nemesis.ts'
import { Network } from './network.ts'
import { type Breach, WireWatch } from './wire-watch.ts'

/** What to do. */
export interface ChaosPlan {
  readonly folder: string
  readonly pairing: Pairing
  readonly minutes: number
  /** Draws the faults and the operations; when each happens is the machine's matter, so it replays nothing exactly. */
  readonly seed: number
  readonly say: (line: string) => void
}

/** What came of it. */
export interface ChaosReport {
  readonly operations: Counts
  readonly faults: FaultCounts
  readonly messages: number
  /** Rules that somebody broke, as seen on the wire. */
  readonly breaches: readonly Breach[]
  /** What is wrong with what clients were told, or with the states in the end. */
  readonly violations: readonly string[]
  /** Whether a breach by Go's servers, and none by ours, explains the violations. */
  readonly excused: boolean
}

const clients = 12
const flags = [
  ...['--heartbeat=400', '--election=400', '--lease=300', '--commit=20', '--timeout=2000'],
  // Snapshots all the time, and few entries behind them, so that whoever was away needs one.
  ...['--snapshot-threshold=300', '--snapshot-interval=1500', '--trailing=60', ...durable],
]

/** Plays it all, and checks what is left. */
export async function chaos(plan: ChaosPlan): Promise<ChaosReport> {
  const kindOf = (address: string): Kind => cluster.peers.find((peer) => peer.address === address)?.kind ?? 'ts'
  const watch = new WireWatch(plan.pairing.programs.length, (address) => kindOf(address))
  const network = new Network((passage) => watch.see(passage))
  const cluster = await startBehind(network, plan)
  try {
    const random = new SeededRandom(plan.seed)
    const load = new Clients(cluster, random.fork('clients'), clients)
    const nemesis = new Nemesis(cluster, network, { random: random.fork('nemesis'), say: plan.say })
    await nemesis.run(plan.minutes * 60_000)
    plan.say('all is well again')
    await pause(1_000)
    await load.stop()
    const violations = [...network.unreadable, ...checkHistory(load), ...(await checkStates(cluster))]
    const { breaches, messages } = watch
    const excused = breaches.some(({ kind }) => kind === 'go') && breaches.every(({ kind }) => kind === 'go')
    const report = { operations: load.counts, faults: nemesis.counts, messages, breaches, violations, excused }
    if (violations.length + breaches.length > 0) keepTranscript(plan.folder, { report, cluster, load })
    return report
  } finally {
    await cluster.kill()
    network.stop()
  }
}

async function startBehind(network: Network, { pairing, folder }: ChaosPlan): Promise<Cluster> {
  const hidden = await freePortBase(pairing.programs.length)
  let place = 0
  const bind = async (address: string): Promise<string> => {
    const target = `127.0.0.1:${hidden + place++}`
    network.add(address, target)
    await network.open(address)
    return target
  }
  return Cluster.start({ folder, programs: pairing.programs, flags, bind })
}

function checkHistory({ history }: Clients): string[] {
  const { result, key, rest } = checkLinearizable(history.operations, keyModel, 20_000_000)
  if (result === 'linearizable') return []
  if (result === 'undecided') return [`${key}: whether it is linearizable could not be decided`]
  return [`${key}: no order explains what clients were told; left over: ${JSON.stringify(rest?.slice(0, 5))}`]
}

async function checkStates(cluster: Cluster): Promise<string[]> {
  try {
    await cluster.settled(undefined, 60_000)
    const leader = await cluster.leader()
    for (const last of lastScenarios) await last.play({ cluster, leader, mark: 'last' })
    return []
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

interface Kept {
  readonly report: ChaosReport
  readonly cluster: Cluster
  readonly load: Clients
}

/** Everything that is known, for whoever wants to find out. */
function keepTranscript(folder: string, { report, cluster, load }: Kept): void {
  mkdirSync(folder, { recursive: true })
  const events = cluster.peers.flatMap(({ id, events: own }) => own.map((event) => ({ id, ...event })))
  events.sort((one, other) => one.at - other.at)
  const lines = [report, ...events, ...load.history.operations].map((each) => JSON.stringify(each))
  writeFileSync(join(folder, 'transcript.jsonl'), `${lines.join('\n')}\n`)
}
