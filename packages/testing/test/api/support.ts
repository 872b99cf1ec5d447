import {
  type AppendEntriesResponse,
  PipelineReplicationNotSupportedError,
  type Raft,
  type RaftError,
  type RPCHeader,
} from '@raft/core'
import {
  type Cluster,
  type ClusterNode,
  type ClusterOptions,
  makeCluster,
  SeededRandom,
  SimulatedClock,
} from '../../src/index.ts'

/** A cluster on a simulated clock. Everything that waits goes through `cluster.settle` or `cluster.until`. */
export interface Simulated<R> {
  readonly cluster: Cluster<R>
  readonly clock: SimulatedClock
}

/** Starts a cluster of so many nodes in virtual time. */
export async function simulated<R = number>(size: number, options: ClusterOptions<R> = {}): Promise<Simulated<R>> {
  const clock = options.clock instanceof SimulatedClock ? options.clock : new SimulatedClock()
  const random = new SeededRandom(size, 'api')
  return { clock, cluster: await makeCluster<R>(size, { random: () => random.next(), ...options, clock }) }
}

/** The bytes of a text. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** The text of bytes. */
export function text(of: Uint8Array | undefined): string {
  return new TextDecoder().decode(of)
}

/** What became of a call, as text: `resolved`, or the code and the outcome. It never rejects. */
export function fate(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'resolved',
    (error: RaftError) => `${error.code.replace('ERR_RAFT_', '')} ${error.outcome}`,
  )
}

/** What a call was rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<RaftError> {
  return promise.then(
    () => {
      throw new Error('it resolved')
    },
    (error: RaftError) => error,
  )
}

/** Applies commands, one for each text, and waits for all of them. */
export async function applyAll(cluster: Cluster<number>, raft: Raft<number>, texts: readonly string[]): Promise<void> {
  await cluster.settle(Promise.all(texts.map((command) => raft.apply(bytes(command)))))
}

/** Texts that begin alike: `a0`, `a1`, … */
export function texts(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `${prefix}${at}`)
}

/** What a request says of its sender. */
export function headerOf(name: string): RPCHeader {
  return { protocolVersion: 3, id: bytes(name), address: bytes(name) }
}

/** From now on every AppendEntries of the node, heartbeats too, goes through `around`, without pipelines. */
export function wrapAppends(
  cluster: Cluster,
  { id, transport }: ClusterNode,
  around: (send: () => Promise<AppendEntriesResponse>) => Promise<AppendEntriesResponse>,
): void {
  const { appendEntries } = transport
  transport.appendEntriesPipeline = () => {
    throw new PipelineReplicationNotSupportedError()
  }
  transport.appendEntries = (peer, request) => around(() => appendEntries.call(transport, peer, request))
  // Pipelines that are open end.
  cluster.disconnect(id)
  cluster.reconnect(id)
}
