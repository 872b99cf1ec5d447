import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  bootstrapCluster,
  hasExistingState,
  type Logger,
  type LogStore,
  Raft,
  type SnapshotStore,
  type StableStore,
} from '@raft/core'
import { FileSnapshotStore } from '@raft/snapshot-file'
import { InmemSnapshotStore, InmemStore } from '@raft/store-inmem'
import { SqliteStore } from '@raft/store-sqlite'
import { TCPTransport } from '@raft/transport-tcp'
import type { CommandError } from '@raft-tooling/demo/command'
import { KeyValueMachine } from '@raft-tooling/demo/key-value-machine'
import type { KeyValueResult } from '@raft-tooling/demo/key-value-state'
import type { PeerOptions } from './options.ts'

/** A server that runs. */
export interface TSPeer {
  readonly raft: Raft<KeyValueResult | CommandError>
  readonly machine: KeyValueMachine
  readonly logs: LogStore
  readonly snapshots: SnapshotStore
  readonly options: PeerOptions
}

interface Stores {
  readonly logs: LogStore
  readonly stable: StableStore
  readonly snapshots: SnapshotStore
  readonly own: readonly { close(): Promise<void> }[]
}

/** Opens the stores and the transport and starts the server; one without state begins with the configuration that the flags give. */
export async function startPeer(options: PeerOptions, logger: Logger): Promise<TSPeer> {
  const stores = await openStores(options, logger)
  const transport = await TCPTransport.listen({
    bindAddress: options.raft,
    advertise: options.advertise,
    maxPool: 3,
    timeout: options.timeout,
    maxRPCsInFlight: options.maxInFlight,
    msgpackUseNewTimeFormat: options.newTimeFormat,
    tls: options.tls && {
      cert: await readFile(options.tls.cert),
      key: await readFile(options.tls.key),
      ca: await readFile(options.tls.ca),
    },
    logger,
  })
  const { config, bootstrap } = options
  const parts = { ...stores, config, transport, logger }
  if (bootstrap.length > 0 && !(await hasExistingState(parts))) {
    await bootstrapCluster({ ...parts, configuration: { servers: bootstrap } })
  }
  const machine = new KeyValueMachine()
  const raft = await Raft.start({ ...parts, fsm: machine })
  return { raft, machine, options, logs: stores.logs, snapshots: stores.snapshots }
}

async function openStores({ data, inmem, retain, config }: PeerOptions, logger: Logger): Promise<Stores> {
  const memory = new InmemStore()
  if (data === undefined) return { logs: memory, stable: memory, snapshots: new InmemSnapshotStore(), own: [] }
  await mkdir(data, { recursive: true })
  const snapshots = await FileSnapshotStore.open({ dir: data, retain, logger })
  if (inmem) return { logs: memory, stable: memory, snapshots, own: [] }
  const store = await SqliteStore.open({ path: join(data, 'raft-ts.db'), serverID: config.localID })
  return { logs: store, stable: store, snapshots, own: [store] }
}
