// Scenarios that need a cluster of their own: set up in another way, or much to do.
import { join } from 'node:path'
import { certificates } from '../cluster/certificates.ts'
import { Cluster, durable, timing } from '../cluster/cluster.ts'
import { claim } from '../cluster/wait.ts'
import type { Kind } from '../control/protocol.ts'
import { rollingReplacement } from '../load/rolling.ts'
import type { Program } from '../peers/programs.ts'
import { largeSnapshots } from './large-snapshot.ts'
import { lastScenarios } from './entries.ts'
import type { SoloScenario } from './scenario.ts'

const kinds: readonly Kind[] = ['ts', 'go']

/** Starts, plays, and ends a cluster. */
async function within(plan: Parameters<typeof Cluster.start>[0], play: (cluster: Cluster) => Promise<void>) {
  const cluster = await Cluster.start(plan)
  try {
    await play(cluster)
  } finally {
    await cluster.kill()
  }
}

/** Writes under either kind of leader, and compares everything. */
async function exercise(cluster: Cluster, lead = (kind: Kind) => cluster.lead(kind)): Promise<void> {
  for (const kind of kinds) {
    const leader = await lead(kind)
    await leader.control.fill({ count: 300, bytes: 100, prefix: kind, window: 64 })
    await leader.control.barrier()
    await leader.control.verify()
    await cluster.settled()
  }
  const leader = await cluster.leader()
  for (const last of lastScenarios) await last.play({ cluster, leader, mark: 'last' })
}

/** Kills leaders until one of a kind leads, where leadership cannot be handed over. */
async function leadByForce(cluster: Cluster, kind: Kind) {
  for (let attempt = 0; attempt < 20; attempt++) {
    const leader = await cluster.leader()
    if (leader.kind === kind) return leader
    await leader.kill()
    await cluster.leader()
    await leader.start()
    await cluster.settled()
  }
  throw new Error(`no server of the kind ${kind} was elected`)
}

const tls: SoloScenario = {
  name: 'over TLS, with certificates on both sides',
  variant: '2 TS + 1 Go',
  quick: true,
  async play(folder) {
    const flags = [...timing, ...durable, ...(await certificates(join(folder, 'certificates')))]
    await within({ folder, programs: ['ts', 'go', 'ts'], flags }, (cluster) => exercise(cluster))
  },
}

const times: SoloScenario = {
  name: 'both formats of time in one cluster',
  variant: '2 TS + 2 Go',
  quick: true,
  async play(folder) {
    const flagsOf = (_: Program, place: number) => (place % 2 === 0 ? ['--new-time-format'] : [])
    const programs: Program[] = ['ts', 'ts', 'go', 'go']
    await within({ folder, programs, flags: [...timing, ...durable], flagsOf }, (cluster) => exercise(cluster))
  },
}

const batches: SoloScenario = {
  name: 'batches of up to 1,024, in memory',
  variant: '1 TS + 2 Go',
  async play(folder) {
    // Thousands of commands at once take a while: more than the quickest timing allows on a loaded machine.
    const flags = ['--heartbeat=1000', '--election=1000', '--lease=900', '--max-append=1024', '--batch-apply']
    await within({ folder, programs: ['ts', 'go', 'go'], flags }, async (cluster) => {
      for (const kind of kinds) {
        const leader = await cluster.lead(kind)
        await leader.control.fill({ count: 20_000, bytes: 100, prefix: kind, window: 4_096 })
        await cluster.settled()
      }
    })
  },
}

/** Membership and restarts where IDs are addresses and leadership cannot be handed over. */
function protocol(name: string, flagsOf: (program: Program) => readonly string[]): SoloScenario {
  return {
    name,
    variant: '2 TS + 1 Go',
    async play(folder) {
      const plan = { folder, flags: [...timing, ...durable], flagsOf, addressIsID: true, bootstrapOne: true } as const
      await within({ ...plan, programs: ['ts', 'go', 'ts'] }, async (cluster) => {
        await exercise(cluster, (kind) => leadByForce(cluster, kind))
        const leader = await cluster.leader()
        for (const kind of kinds) {
          const joiner = await cluster.add(kind)
          await joiner.start()
          await leader.control.change('addVoter', joiner.id, joiner.address)
          await cluster.settled()
          await leader.control.change('removeServer', joiner.id)
          await cluster.drop(joiner)
        }
        await Promise.all(cluster.peers.map((peer) => peer.kill()))
        await cluster.startAll()
        await cluster.settled()
      })
    },
  }
}

/**
 * Servers that close the connection when they are asked for a pre-vote: that is no refusal. Ours wins, since it waits for
 * less long; if it took silence for an answer it would wait until one of the others had won.
 */
const oldPeers: SoloScenario = {
  name: 'elected by peers of v1.6.0, which know no pre-vote',
  variant: '1 TS + 2 Go 1.6',
  quick: true,
  async play(folder) {
    const patient = ['--heartbeat=1500', '--election=1500']
    const flagsOf = (program: Program) => (program === 'ts' ? [] : patient)
    const programs: Program[] = ['ts', 'go-v1.6', 'go-v1.6']
    await within({ folder, programs, flags: [...timing, ...durable], flagsOf }, async (cluster) => {
      await exercise(cluster)
      const old = await cluster.lead('go')
      await old.kill()
      const next = await cluster.leader()
      claim(next.kind === 'ts', `${next.id} was elected, though it waits longer`)
      await next.control.put('elected', 'x')
      await old.start()
      await cluster.settled()
    })
  },
}

const rolling: SoloScenario = {
  name: 'rolling replacement under load, Go to TS to Go',
  variant: '3 Go, 3 TS',
  async play(folder) {
    await rollingReplacement(folder, () => undefined)
  },
}

/** In the order in which they are played. */
export const soloScenarios: readonly SoloScenario[] = [
  tls,
  times,
  batches,
  protocol('protocol version 2', () => ['--protocol=2']),
  protocol('protocol versions 3 (TS) and 2 (Go)', (program) => (program === 'ts' ? [] : ['--protocol=2'])),
  protocol('protocol versions 2 (TS) and 3 (Go)', (program) => (program === 'ts' ? ['--protocol=2'] : [])),
  oldPeers,
  ...largeSnapshots,
  rolling,
]
