import type { Cluster } from '../cluster/cluster.ts'
import { pause } from '../cluster/wait.ts'
import type { PeerProcess } from '../peers/peer-process.ts'

/** What became of the writes. */
export interface LoadReport {
  /** From each key that was acknowledged to the index of its entry. */
  readonly acknowledged: ReadonlyMap<string, number>
  /** Writes whose outcome nobody knows. */
  readonly unknown: number
  /** The longest time without an acknowledgement, in milliseconds. */
  readonly longestPause: number
}

/** Clients that write, each one key after another, to whoever leads. A write is never sent twice. */
export class Load {
  readonly #cluster: Cluster
  readonly #prefix: string
  readonly #acknowledged = new Map<string, number>()
  #unknown = 0
  #last = performance.now()
  #longestPause = 0
  #leader: PeerProcess | undefined
  #running = true
  readonly #clients: Promise<void>[]

  constructor(cluster: Cluster, prefix: string, clients = 4) {
    this.#cluster = cluster
    this.#prefix = prefix
    this.#clients = Array.from({ length: clients }, (_, i) => this.#write(`${prefix}-${i}`))
  }

  get acknowledged(): number {
    return this.#acknowledged.size
  }

  /** Lets the clients end and tells what became of their writes. */
  async stop(): Promise<LoadReport> {
    this.#running = false
    await Promise.all(this.#clients)
    return { acknowledged: this.#acknowledged, unknown: this.#unknown, longestPause: Math.round(this.#longestPause) }
  }

  async #write(name: string): Promise<void> {
    for (let i = 0; this.#running; i++) {
      const key = `${name}-${i}`
      while (this.#running && !(await this.#tryToPut(key))) await pause(5)
    }
  }

  /** True once the key is done with, for better or worse; false if it was certainly not written. */
  async #tryToPut(key: string): Promise<boolean> {
    const leader = this.#leader ?? this.#anyone()
    if (leader === undefined) return false
    try {
      const value = Buffer.from(key).toString('base64')
      const [applied] = await leader.control.apply([{ op: 'put', key, value }], 2_000)
      if (applied === undefined || 'refused' in applied) throw new Error(`${this.#prefix}: ${JSON.stringify(applied)}`)
      if ('index' in applied) {
        this.#leader = leader
        this.#onAcknowledged(key, applied.index)
        return true
      }
      const { outcome, leader: known } = applied.error
      this.#leader = this.#cluster.awake.find(({ id }) => id === known && id !== leader.id)
      if (outcome === 'rejected') return false
    } catch {
      this.#leader = undefined
    }
    this.#unknown++
    return true
  }

  #onAcknowledged(key: string, index: number): void {
    this.#acknowledged.set(key, index)
    const now = performance.now()
    this.#longestPause = Math.max(this.#longestPause, now - this.#last)
    this.#last = now
  }

  #anyone(): PeerProcess | undefined {
    const { awake } = this.#cluster
    return awake[Math.floor(Math.random() * awake.length)]
  }
}
