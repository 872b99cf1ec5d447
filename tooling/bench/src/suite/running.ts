import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import type { Load, OurOptions, Result, Setting } from '../measure/task.ts'
import type { Cell } from './cell.ts'
import type { Contender } from './contender.ts'
import { MeasuredCluster } from './measured-cluster.ts'

/**
 * Seconds before the first measurement. Go is compiled; V8 compiles what is hot while it runs, which takes some seconds,
 * and a server of a user's runs for longer than that.
 */
export interface Warmup {
  readonly go: number
  /** The less a setting gets done in a second, the longer it takes until all of it is hot. */
  readonly node: Readonly<Record<Setting, number>>
}

/** How long each measurement takes, and what ours is told. */
export interface Terms {
  readonly seconds: number
  /** Seconds before each measurement in which as many clients run as are then measured. */
  readonly settling: number
  readonly warmup: Warmup
  readonly options?: OurOptions | undefined
}

/** A contender whose cluster is warm. */
export class Running {
  readonly #contender: Contender
  readonly #first: Cell
  readonly #terms: Terms
  readonly #folder: string
  #cluster: MeasuredCluster | undefined

  /** All its clusters are like that of the first cell; what they keep on a disk is in this folder. */
  constructor(contender: Contender, first: Cell, terms: Terms, folder: string) {
    this.#contender = contender
    this.#first = first
    this.#terms = terms
    this.#folder = folder
  }

  get contender(): Contender {
    return this.#contender
  }

  /** Measures it. One failure is put up with, and the cluster started anew: a busy machine can cost an election. */
  async measure(cell: Cell): Promise<Result> {
    try {
      return await this.#attempt(cell)
    } catch {
      await this.end()
      return this.#attempt(cell)
    }
  }

  /** Starts its cluster and warms it up, unless that was done. */
  async start(): Promise<MeasuredCluster> {
    if (this.#cluster !== undefined) return this.#cluster
    const { setting, nodes, bytes } = this.#first
    const { options, warmup } = this.#terms
    const folder = await mkdtemp(join(this.#folder, 'cluster-'))
    const cluster = (this.#cluster = await MeasuredCluster.start(this.#contender, { setting, nodes, folder, options }))
    await cluster.warmUp(bytes, this.#contender.side === 'go' ? warmup.go : warmup.node[setting])
    return cluster
  }

  async end(): Promise<void> {
    const cluster = this.#cluster
    this.#cluster = undefined
    await cluster?.end()
  }

  async #attempt({ clients, bytes }: Cell): Promise<Result> {
    const { seconds, settling } = this.#terms
    const load: Load = { clients, bytes, seconds, warmup: settling }
    return (await this.start()).load(load)
  }
}
