import { until } from '@raft-tooling/interop/cluster/wait'
import { markdownTable } from '../report/markdown.ts'
import type { Extra, Tools } from './extra.ts'
import { fill, type Kind, kindNames, kinds, memory, peakMemory, withServers } from './servers.ts'

const COUNT = 2_048
const BYTES = 512 * 1_024
const LONG = 600_000

/** A newcomer gets a snapshot of a gigabyte. The state itself is in memory on both sides, so 1,024 MB are no overhead. */
export const snapshotInstall: Extra = {
  name: 'snapshot of 1 GB',
  async run(tools) {
    const figures = []
    for (const kind of kinds(tools.go)) figures.push({ kind, ...(await measure(kind, tools)) })
    const mega = (value: number | undefined): string => value?.toFixed(0) ?? '–'
    const table = markdownTable(
      ['state of 1,024 MB', 'written, s', 'installed, s', 'sender before, MB', 'sender peak, MB', 'receiver peak, MB'],
      figures.map(({ kind, written, installed, before, sender, receiver }) => [
        kindNames[kind],
        written.toFixed(1),
        installed.toFixed(1),
        mega(before),
        mega(sender),
        mega(receiver),
      ]),
    )
    return { table, figures }
  },
}

function measure(kind: Kind, { say }: Tools) {
  // The log is in memory and short: what is measured is the snapshot, which is on disk.
  return withServers({ kind, count: 1, more: ['--store=inmem', '--trailing=10'] }, async (cluster) => {
    const leader = await cluster.leader()
    await fill(leader, COUNT, BYTES, (done) => say(`${kindNames[kind]}: ${done} of ${COUNT} values of 512 KB`))
    const before = memory(leader)
    let begun = performance.now()
    const { index } = await leader.control.snapshot()
    const written = (performance.now() - begun) / 1_000
    const newcomer = await cluster.add(kind)
    await newcomer.start()
    begun = performance.now()
    await leader.control.change('addNonvoter', newcomer.id, newcomer.address)
    const has = async (): Promise<true | undefined> =>
      (await newcomer.control.stats(60_000)).appliedIndex >= index || undefined
    await until('the newcomer to have the snapshot', has, LONG)
    const installed = (performance.now() - begun) / 1_000
    return { written, installed, before, sender: peakMemory(leader), receiver: peakMemory(newcomer) }
  })
}
