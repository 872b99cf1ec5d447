import assert from 'node:assert/strict'
import {
  type Clock,
  type FSM,
  type Raft,
  type RaftState,
  type Server,
  type ServerAddress,
  type ServerID,
} from '@raft/core'
import type { InmemSnapshotStore, InmemStore } from '@raft/store-inmem'
import { MockFSM } from '../mocks/mock-fsm.ts'
import { unwrapFSM } from '../mocks/wrapping-fsm.ts'
import type { InmemTransport } from '../transport/inmem-transport.ts'
import { SimulatedClock } from '../world/simulated-clock.ts'

/** One node of a `Cluster`, and what it is made of. */
export interface ClusterNode<R = number> {
  readonly id: ServerID
  readonly address: ServerAddress
  readonly raft: Raft<R>
  readonly fsm: FSM<R>
  readonly store: InmemStore
  readonly snapshots: InmemSnapshotStore
  readonly transport: InmemTransport
}

/** Real nodes in one process, connected in memory. Make one with `makeCluster`. */
export class Cluster<R = number> {
  readonly clock: Clock
  readonly longstopTimeout: number
  readonly #nodes: ClusterNode<R>[]

  /** @internal */
  constructor(nodes: readonly ClusterNode<R>[], options: { readonly clock: Clock; readonly longstopTimeout: number }) {
    this.#nodes = [...nodes]
    this.clock = options.clock
    this.longstopTimeout = options.longstopTimeout
  }

  get nodes(): readonly ClusterNode<R>[] {
    return this.#nodes
  }

  /** The node with the ID or the address. */
  node(name: string): ClusterNode<R> {
    const found = this.#nodes.find(({ id, address }) => id === name || address === name)
    assert.ok(found !== undefined, `the cluster has a node ${name}`)
    return found
  }

  /** Takes in the nodes of another cluster, which gives them up, and connects all with all. */
  merge(other: Cluster<R>): void {
    this.#nodes.push(...other.#nodes.splice(0))
    this.fullyConnect()
  }

  /** The nodes that are in the role right now. */
  inState(state: RaftState): readonly ClusterNode<R>[] {
    return this.#nodes.filter(({ raft }) => raft.state === state)
  }

  /** Waits until there are nodes in the role, and every node that runs agrees on the leader, then gives those nodes. */
  async getInState(state: RaftState): Promise<readonly ClusterNode<R>[]> {
    await this.until(() => this.inState(state).length > 0, `some node is ${state}`)
    return this.inState(state)
  }

  /** Waits until one node leads and every node that it reaches knows it, then gives it. */
  async leader(): Promise<ClusterNode<R>> {
    let leader: ClusterNode<R> | undefined
    await this.until(() => {
      const leaders = this.inState('Leader')
      leader = leaders[0]
      return leaders.length === 1 && this.#reachableFrom(leader!).every(({ raft }) => raft.leader?.id === leader!.id)
    }, 'there is one leader')
    return leader!
  }

  /** Waits until there is a leader, then gives the nodes that follow it. */
  async followers(): Promise<readonly ClusterNode<R>[]> {
    await this.leader()
    return this.inState('Follower')
  }

  /** Waits until every node names this leader; `undefined` for none. */
  async ensureLeader(id: ServerID | undefined): Promise<void> {
    await this.until(() => this.#nodes.every(({ raft }) => raft.leader?.id === id), `every node names ${id} as leader`)
  }

  /** Waits until the mock state machines of all nodes have got the same commands in the same order. */
  async ensureSame(): Promise<void> {
    const [first, ...others] = this.#nodes.map(({ fsm }) => mockOf(fsm))
    const same = (): boolean => others.every((other) => sameCommands(first!.logs(), other.logs()))
    await this.until(same, 'all state machines have the same commands')
  }

  /** Waits until all nodes have the same configuration, and gives it. */
  async ensureSamePeers(): Promise<readonly Server[]> {
    const configurations = (): string[] =>
      this.#nodes.map(({ raft }) => JSON.stringify(raft.getConfiguration().configuration))
    await this.until(() => new Set(configurations()).size === 1, 'all nodes have the same configuration')
    return this.#nodes[0]!.raft.getConfiguration().configuration.servers
  }

  /** Opens all ways between all nodes. */
  fullyConnect(): void {
    for (const { transport } of this.#nodes) {
      for (const peer of this.#nodes) if (peer.transport !== transport) transport.connect(peer.address, peer.transport)
    }
  }

  /** Closes all ways to and from a node. */
  disconnect(name: string): void {
    const node = this.node(name)
    node.transport.disconnectAll()
    for (const peer of this.#nodes) if (peer !== node) peer.transport.disconnect(node.address)
  }

  /** Opens all ways to and from a node. */
  reconnect(name: string): void {
    const node = this.node(name)
    for (const peer of this.#nodes) {
      if (peer === node) continue
      peer.transport.connect(node.address, node.transport)
      node.transport.connect(peer.address, peer.transport)
    }
  }

  /** Closes all ways between the named nodes and the others. */
  partition(names: readonly string[]): void {
    const apart = new Set(names.map((name) => this.node(name)))
    for (const node of this.#nodes) {
      for (const peer of this.#nodes) {
        if (apart.has(node) !== apart.has(peer)) node.transport.disconnect(peer.address)
      }
    }
  }

  /** Waits until the condition holds; fails with the text after `longstopTimeout`. */
  async until(condition: () => boolean, what: string): Promise<void> {
    if (this.clock instanceof SimulatedClock) {
      assert.ok(await this.clock.until(condition, this.longstopTimeout), `waited in vain until ${what}`)
      return
    }
    const end = this.clock.now() + this.longstopTimeout
    while (!condition()) {
      assert.ok(this.clock.now() < end, `waited in vain until ${what}`)
      await new Promise<void>((resolve) => this.clock.setTimer(resolve, 2))
    }
  }

  /** Waits for a promise, moving a simulated clock on. */
  async settle<T>(promise: PromiseLike<T>): Promise<T> {
    return this.clock instanceof SimulatedClock ? await this.clock.run(promise, this.longstopTimeout) : await promise
  }

  /** Shuts all nodes down. */
  async close(): Promise<void> {
    await this.settle(Promise.all(this.#nodes.map(({ raft }) => raft.shutdown())))
  }

  /** `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #reachableFrom({ transport }: ClusterNode<R>): readonly ClusterNode<R>[] {
    return this.#nodes.filter(
      (node) =>
        node.raft.state !== 'Shutdown' &&
        (node.transport === transport ||
          (transport.isConnected(node.address) && node.transport.isConnected(transport.localAddress))),
    )
  }
}

function mockOf(fsm: FSM): MockFSM {
  const inner = unwrapFSM(fsm)
  assert.ok(inner instanceof MockFSM, 'ensureSame is for clusters whose state machines are a MockFSM, or wrap one')
  return inner
}

function sameCommands(one: readonly Uint8Array[], other: readonly Uint8Array[]): boolean {
  return one.length === other.length && one.every((command, at) => Buffer.compare(command, other[at]!) === 0)
}
