import type { Clock } from '../interfaces/clock.ts'
import type { FSM } from '../interfaces/fsm.ts'
import type { Logger, MetricsHook } from '../interfaces/observability.ts'
import type { Transport } from '../interfaces/transport.ts'
import type { Config } from '../types/config.ts'
import type { Random } from '../types/random.ts'
import type { Closeable, Stores } from './options.ts'

/** What a node is made of: the options with everything that was left out filled in. */
export interface Parts extends Stores {
  readonly config: Config
  readonly fsm: FSM
  readonly transport: Transport
  readonly own: readonly Closeable[]
  readonly logger: Logger
  readonly metrics: MetricsHook | undefined
  readonly clock: Clock
  readonly random: Random
}
