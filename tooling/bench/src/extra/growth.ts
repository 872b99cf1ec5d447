import { withFolder } from '../measure/folder.ts'
import type { Result } from '../measure/task.ts'
import { markdownTable } from '../report/markdown.ts'
import { milliseconds, short } from '../report/numbers.ts'
import { MeasuredCluster } from '../suite/measured-cluster.ts'
import { ourOptions } from '../suite/plans.ts'
import type { Extra } from './extra.ts'

const decades = [1_000, 10_000, 100_000, 1_000_000, 10_000_000]

/**
 * What an entry costs as the log grows and is never compacted: ours alone, three processes, on disk. The first rows pay
 * for compiling everything too.
 */
export const growth: Extra = {
  name: 'a log that grows to 10 M entries',
  run: ({ say }) =>
    withFolder(async (folder) => {
      const task = { setting: 'durable', nodes: 3, folder, options: ourOptions } as const
      const cluster = await MeasuredCluster.start({ side: 'ours' }, task)
      const rows: { entries: number; result: Result }[] = []
      try {
        let entries = 0
        for (const decade of decades) {
          while (entries < decade) entries += await grow(cluster, decade - entries)
          // So short that it does not itself make the log of the next row.
          const seconds = Math.min(2, Math.max(0.05, decade / 300_000))
          const result = await cluster.load({ clients: 1_024, bytes: 128, seconds, warmup: 0 })
          rows.push({ entries, result })
          entries += result.applies
          say(`${short(entries)} entries: ${short(result.appliesPerSecond)} applies/s`)
        }
      } finally {
        await cluster.end()
      }
      const table = markdownTable(
        ['entries in the log', 'applies/s', 'p99 ms', 'CPU us an apply, leader', 'CPU us an apply, all'],
        rows.map(({ entries, result }) => [
          short(entries),
          short(result.appliesPerSecond),
          milliseconds(result.p99),
          result.cpuLeader.toFixed(2),
          result.cpuAll?.toFixed(2) ?? '–',
        ]),
      )
      return { table, figures: rows }
    }),
}

/** Applies about so many commands, but not for longer than half a minute, and gives how many there were. */
async function grow(cluster: MeasuredCluster, entries: number): Promise<number> {
  const seconds = Math.min(30, Math.max(0.01, entries / 300_000))
  const clients = Math.min(1_024, Math.max(1, Math.floor(entries / 10)))
  return (await cluster.load({ clients, bytes: 128, seconds, warmup: 0 })).applies
}
