import { type Configuration, LogType, type Peer, type Server } from '@raft/core'
import { type CommandError } from '../src/command.ts'
import { KeyValueMachine } from '../src/key-value-machine.ts'
import { type KeyValueResult } from '../src/key-value-state.ts'
import { type Replica, type Wait } from '../src/replica.ts'
import { type Store } from '../src/store.ts'

/** A node that agrees with itself, at once, unless it is told to fail. */
export class FakeReplica implements Replica {
  state: Replica['state'] = 'Leader'
  leader: Peer | undefined = { id: 'n1', address: '127.0.0.1:1' }
  currentTerm = 2
  lastIndex = 0
  failWith: Error | undefined
  onCall = () => {}
  readonly calls: string[] = []
  readonly servers: Server[] = [{ suffrage: 'Voter', id: 'n1', address: '127.0.0.1:1' }]
  readonly machine = new KeyValueMachine()

  get commitIndex(): number {
    return this.lastIndex
  }

  get appliedIndex(): number {
    return this.lastIndex
  }

  async apply(data: Uint8Array): Promise<{ index: number; response: KeyValueResult | CommandError }> {
    this.#call('apply')
    const index = ++this.lastIndex
    return { index, response: this.machine.apply({ index, term: this.currentTerm, type: LogType.Command, data }) }
  }

  async read<T>(fn: () => T): Promise<T> {
    this.#call('read')
    return fn()
  }

  async barrier(): Promise<void> {
    this.#call('barrier')
  }

  getConfiguration(): { configuration: Configuration; index: number } {
    return { configuration: { servers: this.servers }, index: 1 }
  }

  async addVoter(id: string, address: string, _: Wait): Promise<{ index: number }> {
    return this.#change(`addVoter ${id} ${address}`)
  }

  async addNonvoter(id: string, address: string, _: Wait): Promise<{ index: number }> {
    return this.#change(`addNonvoter ${id} ${address}`)
  }

  async demoteVoter(id: string): Promise<{ index: number }> {
    return this.#change(`demoteVoter ${id}`)
  }

  async removeServer(id: string): Promise<{ index: number }> {
    return this.#change(`removeServer ${id}`)
  }

  async leadershipTransfer(): Promise<void> {
    this.#call('leadershipTransfer')
  }

  async leadershipTransferToServer(id: string, address: string): Promise<void> {
    this.#call(`leadershipTransferToServer ${id} ${address}`)
  }

  async snapshot(): Promise<{ meta: never }> {
    this.#call('snapshot')
    const meta = { id: '2-1-1', index: this.lastIndex, term: 2, size: 100, version: 1, configurationIndex: 1 }
    return { meta: meta as never }
  }

  stats(): object {
    return { state: this.state }
  }

  #change(call: string): { index: number } {
    this.#call(call)
    return { index: ++this.lastIndex }
  }

  #call(call: string): void {
    this.calls.push(call)
    const failure = this.failWith
    this.onCall()
    if (failure !== undefined) throw failure
  }
}

/** A store around a fake node. */
export function fakeStore(replica = new FakeReplica()): Store {
  return {
    id: 'n1',
    http: '127.0.0.1:0',
    machine: replica.machine,
    replica,
    onDisk: { first: 0, last: 0 },
    logs: { firstIndex: () => 1, lastIndex: () => replica.lastIndex },
    snapshots: { list: () => [] },
    wait: () => ({}),
  }
}
