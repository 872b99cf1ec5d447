// A snapshot of 200 MB for a newcomer, in either direction, which has to answer heartbeats all the while.
import { Cluster, durable } from '../cluster/cluster.ts'
import { HeartbeatProbe } from '../cluster/heartbeat-probe.ts'
import { claim, until } from '../cluster/wait.ts'
import type { Kind } from '../control/protocol.ts'
import { other, type SoloScenario } from './scenario.ts'

const commands = 400
const bytes = 512 * 1_024
const heartbeat = 1_000

function large(kind: Kind): SoloScenario {
  return {
    name: `InstallSnapshot of 200 MB, ${kind === 'ts' ? 'TS to Go' : 'Go to TS'}`,
    variant: '1 TS + 1 Go',
    async play(folder) {
      // The log is in memory: what is looked at is the snapshot, which is on disk.
      const flags = [`--heartbeat=${heartbeat}`, '--election=1000', '--lease=900', '--store=inmem', '--trailing=10']
      const cluster = await Cluster.start({ folder, programs: ['ts', 'go'], flags: [...flags, ...durable] })
      try {
        await send(cluster, kind)
      } finally {
        await cluster.kill()
      }
    },
  }
}

async function send(cluster: Cluster, kind: Kind): Promise<void> {
  const leader = await cluster.lead(kind)
  await leader.control.fill({ count: commands, bytes, prefix: 'large', window: 8 })
  const { size, index } = await leader.control.snapshot()
  claim(size > commands * bytes, `the snapshot has only ${size} bytes`)
  const joiner = await cluster.add(other(kind))
  await joiner.start()
  const before = await leader.control.stats()
  await leader.control.change('addNonvoter', joiner.id, joiner.address)
  const probe = new HeartbeatProbe(joiner.address, before)
  await until(
    'the newcomer to have the snapshot',
    async () => (await joiner.control.stats()).snapshotIndex >= index || undefined,
    60_000,
  )
  await probe.stop()
  claim(probe.answered > 10, `only ${probe.answered} heartbeats were answered`)
  claim(probe.slowest < heartbeat, `a heartbeat was answered after ${Math.round(probe.slowest)} ms`)
  const after = await leader.control.stats()
  claim(after.state === 'Leader' && after.term === before.term, 'the leader lost its office')
  await cluster.settled(undefined, 60_000)
}

/** One for each direction. */
export const largeSnapshots: readonly SoloScenario[] = [large('ts'), large('go')]
