import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  bootstrapCluster,
  type Config,
  defaultConfig,
  hasExistingState,
  type Logger,
  Raft,
  type RaftOptions,
} from '@raft/core'
import { FileSnapshotStore } from '@raft/snapshot-file'
import { SqliteStore } from '@raft/store-sqlite'
import { TCPTransport } from '@raft/transport-tcp'
import { type CommandError } from './command.ts'
import { splitAddress } from './cluster/http-client.ts'
import { api } from './http/api.ts'
import { HTTPServer } from './http/server.ts'
import { KeyValueMachine } from './key-value-machine.ts'
import { type KeyValueResult } from './key-value-state.ts'
import { announce, joinCluster } from './membership.ts'
import { type NodeOptions } from './node-options.ts'
import { type Store } from './store.ts'

type Node = Raft<KeyValueResult | CommandError>
type Closer = () => Promise<void> | void

/** How long a client waits for a command or a read at most, in milliseconds. */
const patience = 5_000

/** A node that serves. */
export interface RunningNode {
  /** Resolves, with the reason, if the node stops itself. */
  readonly failed: Promise<Error>
  /** Hands leadership over if it can, answers what is under way, and closes everything. */
  stop(): Promise<void>
}

/** Starts one node of the store: disk, network, Raft, then HTTP. What was opened is closed again if it fails. */
export async function serve(options: NodeOptions, logger: Logger): Promise<RunningNode> {
  const opened: Closer[] = []
  try {
    const parts = await open(options, logger, opened)
    const onDisk = { first: parts.logs.firstIndex(), last: parts.logs.lastIndex() }
    if (options.bootstrap.length > 0 && !(await hasExistingState(parts))) {
      const servers = options.bootstrap.map((server) => ({ suffrage: 'Voter' as const, ...server }))
      await bootstrapCluster({ ...parts, configuration: { servers } })
    }
    const machine = new KeyValueMachine()
    const raft: Node = await Raft.start({ ...parts, fsm: machine })
    opened.push(() => raft.shutdown())
    const wait = () => ({ signal: AbortSignal.timeout(patience) })
    const { id, http } = options
    const store: Store = {
      id,
      http,
      machine,
      replica: raft,
      onDisk,
      logs: parts.logs,
      snapshots: parts.snapshots,
      wait,
    }
    const [host, port] = splitAddress(http)
    const server = await HTTPServer.listen({ host, port }, api(store))
    return running(options, { raft, store, server, logger })
  } catch (error) {
    for (const close of opened.reverse()) await close()
    throw error
  }
}

/** Opens what the node stands on, noting how to close each. */
async function open(options: NodeOptions, logger: Logger, opened: Closer[]) {
  const { id, data, raft: bindAddress } = options
  await mkdir(data, { recursive: true })
  const store = await SqliteStore.open({ path: join(data, 'raft.db'), serverID: id })
  opened.push(() => store.close())
  const snapshots = await FileSnapshotStore.open({ dir: data, retain: 2, logger })
  const transport = await TCPTransport.listen({ bindAddress, maxPool: 3, timeout: 10_000, logger })
  opened.push(() => transport.close())
  const config = configOf(options)
  return { config, logs: store, stable: store, snapshots, transport, own: [store], logger } satisfies Omit<
    RaftOptions,
    'fsm'
  >
}

function configOf({ id, heartbeat, ...options }: NodeOptions): Config {
  return {
    ...defaultConfig(),
    localID: id,
    heartbeatTimeout: heartbeat,
    electionTimeout: heartbeat,
    leaderLeaseTimeout: heartbeat / 2,
    trailingLogs: options.trailingLogs,
    snapshotThreshold: options.snapshotThreshold,
    snapshotInterval: options.snapshotInterval,
  }
}

interface Parts {
  readonly raft: Node
  readonly store: Store
  readonly server: HTTPServer
  readonly logger: Logger
}

function running(options: NodeOptions, { raft, store, server, logger }: Parts): RunningNode {
  const stopping = new AbortController()
  void announce(raft, store)
  if (options.join !== undefined) void joinCluster(options, { raft, logger, signal: stopping.signal })
  return {
    failed: failure(raft),
    async stop() {
      stopping.abort()
      const answered = server.close()
      // The others need not wait for an election then. Whoever is alone, or finds nobody to take over, just goes.
      if (raft.state === 'Leader') await raft.leadershipTransfer().catch(() => {})
      await raft.shutdown()
      await answered
    },
  }
}

async function failure(raft: Node): Promise<Error> {
  for await (const { data } of raft.observe(({ data }) => data.type === 'failure')) {
    if (data.type === 'failure') return data.error
  }
  return new Promise(() => {})
}
