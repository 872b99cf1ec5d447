import type { AnyRPC, AppendPipeline, RPC, RPCHandler, Transport } from '../../../src/interfaces/transport.ts'
import { ConnectionError, PipelineShutdownError, RemoteError } from '../../../src/types/errors.ts'
import type { Peer } from '../../../src/types/identity.ts'
import type {
  AppendEntriesRequest,
  AppendEntriesResponse,
  InstallSnapshotRequest,
  RPCName,
  RPCRequests,
  RPCResponses,
} from '../../../src/types/messages.ts'
import type { ManualClock } from './manual-clock.ts'

/** What two servers say to each other, as text. */
export interface Said {
  readonly from: string
  readonly to: string
  readonly type: RPCName
}

/** A network in memory. Messages take a turn of the clock, in each direction. */
export class LoopbackNetwork {
  readonly clock: ManualClock
  readonly members = new Map<string, LoopbackTransport>()
  readonly said: Said[] = []
  /** Cut off: nothing gets to or from them. */
  readonly cut = new Set<string>()

  constructor(clock: ManualClock) {
    this.clock = clock
  }

  transport(address: string): LoopbackTransport {
    const transport = new LoopbackTransport(this, address)
    this.members.set(address, transport)
    return transport
  }

  reaches(from: string, to: string): boolean {
    return !this.cut.has(from) && !this.cut.has(to)
  }
}

/** One server's end of the network. */
export class LoopbackTransport implements Transport {
  readonly localAddress: string
  readonly #network: LoopbackNetwork
  #handler: RPCHandler | undefined
  closed = false
  pipelines = 0

  constructor(network: LoopbackNetwork, address: string) {
    this.#network = network
    this.localAddress = address
  }

  setRPCHandler(handler: RPCHandler): void {
    this.#handler = handler
  }

  setHeartbeatHandler(): void {}

  appendEntriesPipeline(peer: Peer): AppendPipeline {
    let closed = false
    this.pipelines += 1
    return {
      appendEntries: (request) => {
        if (closed) throw new PipelineShutdownError()
        return { started: this.#network.clock.now(), request, response: this.appendEntries(peer, request) }
      },
      close: () => {
        closed = true
      },
    }
  }

  appendEntries(peer: Peer, request: AppendEntriesRequest): Promise<AppendEntriesResponse> {
    return this.#send('appendEntries', peer, request)
  }

  requestVote(peer: Peer, request: RPCRequests['requestVote']): Promise<RPCResponses['requestVote']> {
    return this.#send('requestVote', peer, request)
  }

  requestPreVote(peer: Peer, request: RPCRequests['requestPreVote']): Promise<RPCResponses['requestPreVote']> {
    return this.#send('requestPreVote', peer, request)
  }

  installSnapshot(
    peer: Peer,
    request: InstallSnapshotRequest,
    data: AsyncIterable<Uint8Array>,
  ): Promise<RPCResponses['installSnapshot']> {
    return this.#send('installSnapshot', peer, request, data)
  }

  timeoutNow(peer: Peer, request: RPCRequests['timeoutNow']): Promise<RPCResponses['timeoutNow']> {
    return this.#send('timeoutNow', peer, request)
  }

  encodePeer(peer: Peer): Uint8Array {
    return new TextEncoder().encode(peer.address)
  }

  decodePeer(bytes: Uint8Array): string {
    return new TextDecoder().decode(bytes)
  }

  close(): void {
    this.closed = true
    this.#network.members.delete(this.localAddress)
  }

  /** Hands a request to this server as if it had come in; resolves with what it answers. */
  receive<K extends RPCName>(
    type: K,
    command: RPCRequests[K],
    reader?: AsyncIterable<Uint8Array>,
  ): Promise<{ response: RPCResponses[K] | undefined; error: Error | undefined }> {
    return new Promise((resolve) => {
      const respond: RPC<K>['respond'] = (response, error) => resolve({ response, error })
      this.hand({ type, command, reader, respond } as unknown as AnyRPC)
    })
  }

  /** The same for who wants to know when exactly it is answered. */
  hand(rpc: AnyRPC): void {
    this.#handler?.(rpc)
  }

  #send<K extends RPCName>(
    type: K,
    peer: Peer,
    command: RPCRequests[K],
    reader?: AsyncIterable<Uint8Array>,
  ): Promise<RPCResponses[K]> {
    const network = this.#network
    network.said.push({ from: this.localAddress, to: peer.address, type })
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new ConnectionError(`failed to connect to peer: ${peer.address}`))
      network.clock.endOfTurn(() => {
        const target = network.members.get(peer.address)
        if (target === undefined || this.closed || !network.reaches(this.localAddress, peer.address)) return fail()
        void target.receive(type, command, reader).then(({ response, error }) => {
          network.clock.endOfTurn(() => {
            if (this.closed || !network.reaches(this.localAddress, peer.address)) return fail()
            if (error !== undefined) reject(new RemoteError(error.message))
            else resolve(response!)
          })
        })
      })
    })
  }
}
