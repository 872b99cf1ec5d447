import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  bootstrapCluster,
  type Config,
  defaultConfig,
  Raft,
  type RaftOptions,
  type Server,
  type Stores,
  type Transport,
} from '@raft/core'
import { FileSnapshotStore } from '@raft/snapshot-file'
import { InmemSnapshotStore, InmemStore } from '@raft/store-inmem'
import { SqliteStore } from '@raft/store-sqlite'
import type { ClusterTask } from '../measure/task.ts'
import { Machine } from './machine.ts'

const MINUTE = 60_000

/**
 * With stores in memory, logs are cut off behind a snapshot all the time, so that a measurement does not become one of
 * how soon the machine finds more memory. Enough entries stay for a follower that was held up for some time.
 */
const compacting = { snapshotInterval: 250, trailingLogs: 20_000 }

/** On disk the log is kept. */
const keeping = { snapshotInterval: 60 * MINUTE }

/** The name of a server by its place; the first one leads. */
export function nameOf(place: number): string {
  return `server-${place}`
}

/** Starts a server. The one that is given the members leads; the others are patient, so that it is elected. */
export async function startServer(
  task: ClusterTask,
  id: string,
  transport: Transport,
  members?: readonly Server[],
): Promise<Raft<number>> {
  const { own, ...stores } = await openStores(task, id)
  const patience = members === undefined ? MINUTE : 500
  const config: Config = {
    ...defaultConfig(),
    localID: id,
    ...(task.setting === 'durable' ? keeping : compacting),
    heartbeatTimeout: patience,
    electionTimeout: patience,
    ...task.options?.config,
  }
  const parts = { ...stores, config, transport }
  if (members !== undefined) await bootstrapCluster({ ...parts, configuration: { servers: members } })
  return Raft.start({ ...parts, fsm: new Machine(), own })
}

async function openStores(task: ClusterTask, id: string): Promise<Stores & Pick<RaftOptions, 'own'>> {
  if (task.setting !== 'durable') {
    const store = new InmemStore()
    return { logs: store, stable: store, snapshots: new InmemSnapshotStore(), own: [] }
  }
  const folder = join(task.folder, id)
  await mkdir(folder, { recursive: true })
  const store = await SqliteStore.open({ path: join(folder, 'raft.db'), serverID: id })
  return {
    logs: store,
    stable: store,
    snapshots: await FileSnapshotStore.open({ dir: folder, retain: 2 }),
    own: [store],
  }
}

/** Resolves once the server leads and its first entry is applied. */
export async function untilLeading(raft: Raft<number>): Promise<void> {
  if (raft.state !== 'Leader') {
    for await (const { data } of raft.observe()) if (data.type === 'state' && data.state === 'Leader') break
  }
  await raft.barrier()
  const { heartbeatTimeout, electionTimeout } = defaultConfig()
  raft.reloadConfig({ ...raft.reloadableConfig(), heartbeatTimeout, electionTimeout })
}
