import { type ApplyResult, type Awaitable, type FSM, isRaftError, type Raft } from '@raft/core'
import type { CheckedMachine } from '../checks/checked-machine.ts'
import { OpenCalls } from '../checks/open-calls.ts'
import type { SnapshotFile } from '../world/disk-snapshots.ts'
import type { SimulatedProcess } from '../world/simulated-process.ts'
import type { Scene, SimulatedServer } from './simulated-server.ts'

/** A node, and what it lives in. */
export interface RunningNode<R> {
  readonly process: SimulatedProcess
  readonly raft: Raft<R>
  readonly machine: CheckedMachine<R>
}

/** What is asked of one node while it lives: every call is watched until it ends. */
export class ServerCalls<R> {
  readonly open: OpenCalls
  readonly #scene: Scene<R>
  readonly #server: SimulatedServer<R>
  readonly #node: RunningNode<R>

  constructor(scene: Scene<R>, server: SimulatedServer<R>, node: RunningNode<R>) {
    this.#scene = scene
    this.#server = server
    this.#node = node
    const { clock } = node.process
    this.open = new OpenCalls({ server: server.id, violations: scene.checks.violations, clock })
  }

  /** Applies a command. */
  async apply(command: Uint8Array): Promise<ApplyResult<R>> {
    const transfers = this.open.count('transfer')
    try {
      return await this.open.watch('apply', this.#node.raft.apply(command, { timeout: 1_000 }))
    } catch (error) {
      if (isRaftError(error, 'ERR_RAFT_LEADERSHIP_TRANSFER_IN_PROGRESS')) this.#checkTransfer(transfers)
      throw error
    }
  }

  /** Reads the state machine once that is allowed, and says how far that had applied. */
  async read<T>(fn: (fsm: FSM<R>) => Awaitable<T>): Promise<{ readonly output: T; readonly index: number }> {
    const { reads } = this.#scene.checks
    const { raft, machine } = this.#node
    const asked = reads.asked(this.#server)
    let index = 0
    const read = (): Awaitable<T> => {
      index = machine.lastApplied
      if (asked !== undefined) reads.answering(asked, index)
      return fn(machine.inner)
    }
    return { output: await this.open.watch('read', raft.read(read)), index }
  }

  /** Hands leadership over. However it ends, it ends within a round of elections (L6). */
  transfer(target: SimulatedServer<R> | undefined): Promise<void> {
    const { raft } = this.#node
    const { electionTimeout } = this.#server.config
    const asked =
      target === undefined ? raft.leadershipTransfer() : raft.leadershipTransferToServer(target.id, target.address)
    return this.open.watch('transfer', asked, 2 * electionTimeout + MARGIN)
  }

  /** Gives the cluster the state of a snapshot. Once that is said to be done, it is committed (S19). */
  async restore({ meta, bytes }: SnapshotFile): Promise<void> {
    const { ledger, violations } = this.#scene.checks
    const before = ledger.restores.epochs.length
    ledger.restores.ask()
    await this.open.watch(
      'restore',
      this.#node.raft.restore({ version: 1, index: meta.index, size: bytes.length }, [bytes]),
    )
    // Whoever was told has died with the node, before anybody could look at it.
    if (this.#node.process.isDead) return
    this.#scene.checks.look(this.#server)
    const text = (): string => `${this.#server.id} says that a restore is done, and it is not committed`
    violations.expect(ledger.restores.epochs.length > before, 'S19', text)
  }

  /** Asks for something else. */
  change<T>(what: string, ask: (raft: Raft<R>) => Promise<T>): Promise<T> {
    return this.open.watch(what, ask(this.#node.raft))
  }

  /** Asks for something whose end nobody waits for: it must come all the same before the node is gone. */
  ask(what: string, ask: (raft: Raft<R>) => Promise<unknown>): void {
    this.change(what, ask).catch(() => {})
  }

  /** Commands are refused for a transfer only while there is one. */
  #checkTransfer(before: number): void {
    const text = (): string => `${this.#server.id} refuses commands for a transfer that is over`
    this.#scene.checks.violations.expect(before + this.open.count('transfer') > 0, 'L6', text)
  }
}

/** Milliseconds beyond the longest that a transfer may take: the time of an answer. */
const MARGIN = 100
