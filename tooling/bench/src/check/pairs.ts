import { withFolder } from '../measure/folder.ts'
import type { Load, Setting } from '../measure/task.ts'
import { MeasuredCluster } from '../suite/measured-cluster.ts'
import { ourOptions } from '../suite/plans.ts'

/** What is watched. */
export interface Watched {
  readonly setting: Setting
  readonly clients: number
}

const PAIRS = 5
const first = { seconds: 0.1, warmup: 0.7 }
const short = { seconds: 0.35, warmup: 0.1 }

/** Ours ÷ ceiling, several times: both clusters run, and each pair of figures is of the same second or two. */
export function measurePairs({ setting, clients }: Watched): Promise<readonly number[]> {
  const load: Omit<Load, 'seconds' | 'warmup'> = { clients, bytes: 128 }
  return withFolder((folder) =>
    withClusters(setting, folder, async (ours, ceiling) => {
      for (const cluster of [ours, ceiling]) await cluster.load({ ...load, ...first })
      const ratios: number[] = []
      for (let pair = 0; pair < PAIRS; pair++) {
        const own = await ours.load({ ...load, ...short })
        const top = await ceiling.load({ ...load, ...short })
        ratios.push(own.appliesPerSecond / top.appliesPerSecond)
      }
      return ratios
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
