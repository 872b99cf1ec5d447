import { measureGo } from '../go/go.ts'
import { withFolder } from '../measure/folder.ts'
import type { Load, OurOptions, Result, Setting } from '../measure/task.ts'
import type { Cell } from './cell.ts'
import type { Contender } from './contender.ts'
import { MeasuredCluster } from './measured-cluster.ts'

/**
 * Seconds before a measurement. Go is compiled; V8 compiles what is hot while it runs, which takes some seconds, and a
 * server of a user's runs for longer than that.
 */
export interface Warmup {
  readonly go: number
  /** The less a setting gets done in a second, the longer it takes until all of it is hot. */
  readonly node: Readonly<Record<Setting, number>>
}

/** How long each measurement takes, and what ours is told. */
export interface Terms {
  readonly seconds: number
  readonly warmup: Warmup
  readonly options?: OurOptions | undefined
}

/** Measures somebody once, with a cluster of its own. One failure is put up with: a busy machine can cost an election. */
export async function measure(contender: Contender, cell: Cell, terms: Terms): Promise<Result> {
  try {
    return await attempt(contender, cell, terms)
  } catch {
    return attempt(contender, cell, terms)
  }
}

function attempt({ side, go }: Contender, cell: Cell, { seconds, warmup, options }: Terms): Promise<Result> {
  const load: Load = {
    clients: cell.clients,
    bytes: cell.bytes,
    seconds,
    warmup: side === 'go' ? warmup.go : warmup.node[cell.setting],
  }
  return withFolder(async (folder) => {
    const task = { setting: cell.setting, nodes: cell.nodes, folder, options }
    if (side === 'go') return measureGo(task, load, go!)
    const cluster = await MeasuredCluster.start(side, task)
    try {
      return await cluster.load(load)
    } finally {
      await cluster.end()
    }
  })
}
