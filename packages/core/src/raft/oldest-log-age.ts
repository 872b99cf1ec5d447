import type { Timer } from '../interfaces/clock.ts'
import type { LogStore } from '../interfaces/log-store.ts'
import type { Context } from './context.ts'

/** Milliseconds between two looks. */
const INTERVAL = 10_000

/** Reports how old the oldest entry of the log is, while this node leads and anybody looks at measurements. */
export class OldestLogAge {
  readonly #context: Context
  readonly #logs: LogStore
  #timer: Timer | undefined

  constructor(context: Context, logs: LogStore) {
    this.#context = context
    this.#logs = logs
  }

  start(): void {
    const { clock, meter } = this.#context
    this.stop()
    if (!meter.active) return
    this.#timer = clock.setTimer(() => {
      this.start()
      void this.#report()
    }, INTERVAL)
  }

  stop(): void {
    if (this.#timer !== undefined) this.#context.clock.clearTimer(this.#timer)
    this.#timer = undefined
  }

  async #report(): Promise<void> {
    this.#context.meter.gauge('raft.leader.oldestLogAge', await this.#age())
  }

  /** 0 if there is no entry, it has no time, or it cannot be read. */
  async #age(): Promise<number> {
    try {
      const first = await this.#logs.firstIndex()
      const appendedAt = first === 0 ? undefined : (await this.#logs.getLog(first)).appendedAt
      if (appendedAt === undefined) return 0
      const now = this.#context.clock.wallTime()
      return (now.seconds - appendedAt.seconds) * 1_000 + (now.nanoseconds - appendedAt.nanoseconds) / 1_000_000
    } catch {
      return 0
    }
  }
}
