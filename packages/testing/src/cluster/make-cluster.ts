import {
  bootstrapCluster,
  type Config,
  type Configuration,
  type FSM,
  type LogStore,
  Raft,
  systemClock,
} from '@raft/core'
import { InmemSnapshotStore, InmemStore } from '@raft/store-inmem'
import { MockFSM, MockFSMConfigStore } from '../mocks/mock-fsm.ts'
import { MockMonotonicLogStore } from '../mocks/mock-monotonic-log-store.ts'
import { newInmemAddress } from '../transport/inmem-address.ts'
import { InmemTransport } from '../transport/inmem-transport.ts'
import { Cluster, type ClusterNode } from './cluster.ts'
import { inmemConfig, type MakeClusterOptions } from './options.ts'

/** At what protocol version IDs need not be addresses. */
const IDS_APART_FROM_ADDRESSES = 3

/** What the shorter ways of making a cluster leave to choose. */
export type ClusterOptions<R = number> = Omit<MakeClusterOptions<R>, 'peers' | 'bootstrap'>

/** Starts a cluster in memory whose nodes know each other. */
export function makeCluster<R = number>(size: number, options: ClusterOptions<R> = {}): Promise<Cluster<R>> {
  return makeClusterCustom({ ...options, peers: size, bootstrap: true })
}

/** Starts nodes in memory that are connected and have no configuration yet. */
export function makeClusterNoBootstrap<R = number>(size: number, options: ClusterOptions<R> = {}): Promise<Cluster<R>> {
  return makeClusterCustom({ ...options, peers: size, bootstrap: false })
}

/** Starts a cluster in memory. Close it with `close`, or `await using`. */
export async function makeClusterCustom<R = number>(options: MakeClusterOptions<R>): Promise<Cluster<R>> {
  const clock = options.clock ?? systemClock()
  const drafts = Array.from({ length: options.peers }, () => draftNode(options))
  const configuration: Configuration = {
    servers: drafts.map(({ id, address }) => ({ suffrage: 'Voter', id, address })),
  }
  for (const draft of drafts) {
    for (const peer of drafts) if (peer !== draft) draft.transport.connect(peer.address, peer.transport)
  }
  const nodes: ClusterNode<R>[] = []
  const cluster = (): Cluster<R> => new Cluster(nodes, { clock, longstopTimeout: options.longstopTimeout ?? 5_000 })
  try {
    for (const draft of drafts) nodes.push(await startNode(draft, { ...options, clock }, configuration))
  } catch (error) {
    await cluster().close()
    throw error
  }
  return cluster()
}

interface Draft<R> extends Omit<ClusterNode<R>, 'raft'> {
  readonly config: Config
  readonly logs: LogStore
}

function draftNode<R>({ conf, makeFSM, ...options }: MakeClusterOptions<R>): Draft<R> {
  const address = newInmemAddress(options.random)
  const base = { ...inmemConfig(), ...conf }
  const id = base.protocolVersion >= IDS_APART_FROM_ADDRESSES ? `server-${address}` : address
  const store = new InmemStore()
  return {
    id,
    address,
    config: { ...base, localID: id },
    store,
    logs: options.monotonicLogs === true ? new MockMonotonicLogStore(store) : store,
    snapshots: new InmemSnapshotStore(),
    transport: new InmemTransport({ address, clock: options.clock }),
    fsm: makeFSM === undefined ? mockFSM<R>(options.configStoreFSM === true) : makeFSM(),
  }
}

/** The mocks answer numbers; whoever asks for another type of answer brings the state machine. */
function mockFSM<R>(toldConfigurations: boolean): FSM<R> {
  return (toldConfigurations ? new MockFSMConfigStore() : new MockFSM()) as FSM as FSM<R>
}

async function startNode<R>(
  { config, logs, ...draft }: Draft<R>,
  { bootstrap, clock, random, logger, metrics }: MakeClusterOptions<R>,
  configuration: Configuration,
): Promise<ClusterNode<R>> {
  const { store, snapshots, transport, fsm } = draft
  const stores = { logs, stable: store, snapshots }
  if (bootstrap) await bootstrapCluster({ ...stores, config, transport, configuration })
  const raft = await Raft.start<R>({ ...stores, config, fsm, transport, clock, random, logger, metrics })
  return { ...draft, raft }
}
