import { afterEach } from 'vitest'
import type { Logger, Metric } from '../../src/interfaces/observability.ts'
import type { AnyRPC } from '../../src/interfaces/transport.ts'
import type { Log } from '../../src/types/log.ts'
import type {
  AppendEntriesRequest,
  AppendEntriesResponse,
  InstallSnapshotRequest,
  RequestPreVoteRequest,
  RequestVoteRequest,
  RPCHeader,
  RPCName,
  RPCResponses,
} from '../../src/types/messages.ts'
import { NetworkTransport, type NetworkTransportOptions } from '../../src/wire/index.ts'
import { FakeClock } from './fake-clock.ts'
import { type MemoryLayer, MemoryNetwork, type MemoryStream } from './memory-streams.ts'

/** UTF-8 bytes. */
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Two servers, `a` and `b`, on one network, and what they log. */
export interface World {
  readonly clock: FakeClock
  readonly network: MemoryNetwork
  readonly layerA: MemoryLayer
  readonly layerB: MemoryLayer
  readonly a: NetworkTransport
  readonly b: NetworkTransport
  readonly logs: LogEntry[]
  readonly metrics: Metric[]
}

/** One line of a log. */
export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly facts: Record<string, unknown>
  readonly message: string
}

const open: NetworkTransport[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()))
})

/** Makes a world; the options are those of `a` and `b` alike, or of each. */
export function world(options: NetworkTransportOptions = {}, optionsOfB: NetworkTransportOptions = options): World {
  const clock = new FakeClock()
  const network = new MemoryNetwork()
  const layerA = network.layer('a:1')
  const layerB = network.layer('b:1')
  const logs: LogEntry[] = []
  const metrics: Metric[] = []
  const logger = recordingLogger(logs)
  const a = new NetworkTransport({ clock, logger, ...options, stream: layerA })
  const hook = (metric: Metric): void => void metrics.push(metric)
  const b = new NetworkTransport({ clock, logger, metrics: hook, ...optionsOfB, stream: layerB })
  open.push(a, b)
  return { clock, network, layerA, layerB, a, b, logs, metrics }
}

/** A logger that keeps what it is told. */
export function recordingLogger(logs: LogEntry[]): Logger {
  const line =
    (level: LogEntry['level']) =>
    (facts: object, message: string): void =>
      void logs.push({ level, facts: facts as Record<string, unknown>, message })
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
}

/** Server `b`, as `a` knows it. */
export const peerB = { id: 'b', address: 'b:1' }
export const headerA: RPCHeader = { protocolVersion: 3, id: utf8('a'), address: utf8('a:1') }
export const headerB: RPCHeader = { protocolVersion: 3, id: utf8('b'), address: utf8('b:1') }
const nobody: RPCHeader = { protocolVersion: 0, id: undefined, address: undefined }

export const heartbeat: AppendEntriesRequest = {
  header: headerA,
  term: 5,
  leader: utf8('a:1'),
  prevLogEntry: 0,
  prevLogTerm: 0,
  entries: undefined,
  leaderCommitIndex: 0,
}

/** An AppendEntries with one entry at the index. */
export function append(index: number, bytes = 10): AppendEntriesRequest {
  const entry: Log = {
    index,
    term: 5,
    type: 0,
    data: new Uint8Array(bytes).fill(index),
    extensions: undefined,
    appendedAt: { seconds: 1_700_000_000, nanoseconds: index, offset: undefined },
  }
  return { ...heartbeat, prevLogEntry: index - 1, prevLogTerm: 5, entries: [entry], leaderCommitIndex: index - 1 }
}

export const voteRequest: RequestVoteRequest = {
  header: headerA,
  term: 5,
  candidate: utf8('a:1'),
  lastLogIndex: 9,
  lastLogTerm: 4,
  leadershipTransfer: false,
}

export const preVoteRequest: RequestPreVoteRequest = { header: headerA, term: 5, lastLogIndex: 9, lastLogTerm: 4 }

/** An InstallSnapshot of so many bytes. */
export function snapshotRequest(size: number): InstallSnapshotRequest {
  return {
    header: headerA,
    snapshotVersion: 1,
    term: 5,
    leader: utf8('a:1'),
    lastLogIndex: 9,
    lastLogTerm: 4,
    peers: undefined,
    configuration: utf8('any'),
    configurationIndex: 1,
    size,
  }
}

/** A response of the kind that `b` gives. */
export const responses: { readonly [K in RPCName]: RPCResponses[K] } = {
  appendEntries: { header: headerB, term: 5, lastLog: 90, success: true, noRetryBackoff: false },
  requestVote: { header: headerB, term: 5, granted: true, peers: undefined },
  installSnapshot: { header: nobody, term: 5, success: true },
  timeoutNow: { header: nobody },
  requestPreVote: { header: headerB, term: 5, granted: true },
}

/** The response to the AppendEntries of `append(index)`. */
export function appended(index: number): AppendEntriesResponse {
  return { ...responses.appendEntries, lastLog: index }
}

/** Answers anything at once; an InstallSnapshot once it was read. */
export function answer(rpc: AnyRPC): void {
  if (rpc.type !== 'installSnapshot') return (rpc.respond as (response: unknown) => void)(responses[rpc.type])
  const { reader, respond } = rpc
  const read = async (): Promise<void> => {
    for await (const _ of reader!);
    respond(responses.installSnapshot)
  }
  read().catch((error: unknown) => respond(undefined, error as Error))
}

/** Takes requests and keeps them until the test answers them. */
export class Taken {
  readonly rpcs: AnyRPC[] = []
  readonly handler = (rpc: AnyRPC): void => void this.rpcs.push(rpc)
  get types(): string[] {
    return this.rpcs.map(({ type }) => type)
  }
}

/** A connection to a transport's layer that the test speaks on itself, byte by byte. */
export class RawClient {
  readonly stream: MemoryStream
  readonly #chunks: Uint8Array[] = []
  ended = false
  closed = false

  constructor(network: MemoryNetwork, layer: MemoryLayer) {
    const { near, far } = network.pair('raw', layer.address)
    this.stream = near
    near.open({
      onChunk: (chunk) => void this.#chunks.push(chunk),
      onEnd: () => (this.ended = true),
      onDrain: () => undefined,
      onClose: () => (this.closed = true),
    })
    layer.offer(far)
  }

  /** All that came back. */
  get received(): Uint8Array {
    return Buffer.concat(this.#chunks)
  }

  send(...chunks: Uint8Array[]): void {
    for (const chunk of chunks) this.stream.write(chunk)
  }
}

/** Bytes as a stream of chunks. */
export async function* chunksOf(total: number, chunk: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < total; at += chunk) {
    const bytes = new Uint8Array(Math.min(chunk, total - at))
    for (let i = 0; i < bytes.length; i++) bytes[i] = (at + i) * 7
    yield bytes
  }
}
