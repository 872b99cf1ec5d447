import { withFolder } from '../measure/folder.ts'
import type { Setting } from '../measure/task.ts'
import { MeasuredCluster } from '../suite/measured-cluster.ts'
import { ourOptions } from '../suite/plans.ts'

const PAIRS = 5
const BYTES = 128
const WARMUP = 3
const short = { bytes: BYTES, seconds: 0.35, warmup: 0.1 }

/**
 * Ours ÷ ceiling in a setting, several times for each number of clients: both clusters run, and each pair of figures is of
 * the same second or two.
 */
export function measurePairs(setting: Setting, counts: readonly number[]): Promise<readonly (readonly number[])[]> {
  return withFolder((folder) =>
    withClusters(setting, folder, async (ours, ceiling) => {
      for (const cluster of [ours, ceiling]) await cluster.warmUp(BYTES, WARMUP)
      const all: number[][] = []
      for (const clients of counts) {
        const ratios: number[] = []
        for (let pair = 0; pair < PAIRS; pair++) {
          const own = await ours.load({ ...short, clients })
          const top = await ceiling.load({ ...short, clients })
          ratios.push(own.appliesPerSecond / top.appliesPerSecond)
        }
        all.push(ratios)
      }
      return all
    }),
  )
}

async function withClusters<T>(
  setting: Setting,
  folder: string,
  use: (ours: MeasuredCluster, ceiling: MeasuredCluster) => Promise<T>,
): Promise<T> {
  const task = { setting, nodes: 3, folder, options: ourOptions }
  const running: MeasuredCluster[] = []
  try {
    for (const side of ['ours', 'ceiling'] as const) running.push(await MeasuredCluster.start({ side }, task))
    return await use(running[0]!, running[1]!)
  } finally {
    await Promise.all(running.map((cluster) => cluster.end()))
  }
}
