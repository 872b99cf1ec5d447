import { growth } from './growth.ts'
import { failover } from './failover.ts'
import { idle } from './idle.ts'
import { longLog } from './long-log.ts'
import { moreServers, sizes } from './more-cells.ts'
import { snapshotInstall } from './snapshot-install.ts'

/** What a measurement may use. */
export interface Tools {
  /** Go can be measured too. */
  readonly go: boolean
  /** Tells how far it is. */
  readonly say: (line: string) => void
}

/** One of the measurements that take their time. */
export interface Extra {
  readonly name: string
  /** Measures, and gives a table as Markdown, and every figure. */
  run(tools: Tools): Promise<{ readonly table: string; readonly figures: unknown }>
}

/** All of them, in the order in which they are run. */
export const extras: readonly Extra[] = [idle, failover, sizes, moreServers, longLog, snapshotInstall, growth]
