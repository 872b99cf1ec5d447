import { until } from '@raft-tooling/interop/cluster/wait'
import type { PeerProcess } from '@raft-tooling/interop/peers/peer-process'
import { markdownTable } from '../report/markdown.ts'
import { short } from '../report/numbers.ts'
import type { Extra, Tools } from './extra.ts'
import { fill, type Kind, kindNames, kinds, peakMemory, withServers } from './servers.ts'

const ENTRIES = 1_000_000
const BYTES = 128
const LONG = 1_200_000

/** A follower that was away catches up a million entries, and then starts again with them in its log. */
export const longLog: Extra = {
  name: 'a million entries: catching up, and starting again',
  async run(tools) {
    const figures = []
    for (const kind of kinds(tools.go)) figures.push({ kind, ...(await measure(kind, tools)) })
    const table = markdownTable(
      ['1 M entries of 128 B', 'caught up, s', 'entries/s', 'follower peak, MB', 'started, s', 'all applied again, s'],
      figures.map(({ kind, caughtUp, peakMB, started, applied }) => [
        kindNames[kind],
        caughtUp.toFixed(1),
        short(ENTRIES / caughtUp),
        peakMB?.toFixed(0) ?? '–',
        started.toFixed(1),
        applied.toFixed(1),
      ]),
    )
    return { table, figures }
  },
}

function measure(kind: Kind, { say }: Tools) {
  return withServers({ kind, more: ['--max-append=1024', '--batch-apply'] }, async (cluster) => {
    const leader = await cluster.leader()
    const [follower] = cluster.others(leader)
    await follower!.kill()
    const name = kindNames[kind]
    await fill(leader, ENTRIES, BYTES, (done) => say(`${name}: ${short(done)} entries without the follower`))
    const { commitIndex } = await leader.control.stats()
    const caughtUp = await seconds(async () => {
      await follower!.start()
      await untilApplied(follower!, commitIndex)
    })
    const peakMB = peakMemory(follower!)
    say(`${name}: caught up in ${caughtUp.toFixed(1)} s`)
    await follower!.kill()
    const started = await seconds(() => follower!.start())
    const applied = started + (await seconds(() => untilApplied(follower!, commitIndex)))
    say(`${name}: started again in ${started.toFixed(1)} s, all applied after ${applied.toFixed(1)} s`)
    return { caughtUp, peakMB, started, applied }
  })
}

async function untilApplied(peer: PeerProcess, index: number): Promise<void> {
  const applied = async (): Promise<true | undefined> =>
    (await peer.control.stats(60_000)).appliedIndex >= index || undefined
  await until(`${peer.id} to have applied ${index}`, applied, LONG)
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1_000
}
