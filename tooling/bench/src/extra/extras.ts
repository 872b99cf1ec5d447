import { growth } from './growth.ts'
import { failover } from './failover.ts'
import { idle } from './idle.ts'
import { longLog } from './long-log.ts'
import { moreServers, sizes } from './more-cells.ts'
import { snapshotInstall } from './snapshot-install.ts'
import type { Extra } from './extra.ts'

/** All of them, in the order in which they are run. */
export const extras: readonly Extra[] = [idle, failover, sizes, moreServers, longLog, snapshotInstall, growth]
