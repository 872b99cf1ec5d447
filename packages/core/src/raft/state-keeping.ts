import type { TermRun } from '../consensus/log-positions.ts'
import type { IndexedConfiguration } from '../types/configuration.ts'
import type { ReloadableConfig } from '../types/config.ts'
import { isRaftError, SnapshotError } from '../types/errors.ts'
import type { Position } from '../types/log.ts'
import { Applier } from './applier.ts'
import type { Callers } from './callers.ts'
import type { Context } from './context.ts'
import { FSMCalls } from './fsm-calls.ts'
import type { LogReader } from './log-reader.ts'
import type { Parts } from './parts.ts'
import { SnapshotIngester } from './snapshot-ingester.ts'
import { SnapshotReceiver } from './snapshot-receiver.ts'
import { SnapshotRestorer } from './snapshot-restorer.ts'
import { Snapshotter } from './snapshotter.ts'

/** What the keeping of the state takes besides the node's parts. */
export interface StateKeepingOptions {
  readonly context: Context
  readonly parts: Parts
  readonly reader: LogReader
  readonly callers: Callers
  /** What the state machine knows. */
  readonly known: {
    readonly snapshot: Position
    readonly lastIndex: number
    readonly appliedIndex: number
    readonly isReplaced: boolean
    termAt(index: number): number | undefined
    termsBetween(from: number, through: number): readonly TermRun[]
    configurationAt(index: number): IndexedConfiguration
  }
  readonly settings: () => ReloadableConfig
}

/** The state of the FSM: what is applied to it, the snapshots of it, and those that replace it. */
export class StateKeeping {
  readonly applier: Applier
  readonly snapshotter: Snapshotter
  readonly receiver: SnapshotReceiver
  readonly ingester: SnapshotIngester
  readonly restorer: SnapshotRestorer

  readonly #canGoBack: boolean

  constructor({ context, parts, reader, callers, known, settings }: StateKeepingOptions) {
    const { transport: codec, snapshots, fsm, config } = parts
    this.#canGoBack = snapshots.remove !== undefined
    const calls = new FSMCalls({ fsm, meter: context.meter, codec, protocolVersion: config.protocolVersion })
    const { appliedIndex: index } = known
    this.applier = new Applier({
      context,
      calls,
      reader,
      proposals: callers.proposals,
      termsBetween: (from, through) => known.termsBetween(from, through),
      applied: { index, term: known.termAt(index) ?? 0 },
    })
    this.snapshotter = new Snapshotter({
      context,
      applier: this.applier,
      snapshots,
      codec,
      configurationAt: (at) => known.configurationAt(at),
      snapshotIndex: () => known.snapshot.index,
      lastIndex: () => known.lastIndex,
      isReplaced: () => known.isReplaced,
      interval: () => settings().snapshotInterval,
      threshold: () => settings().snapshotThreshold,
    })
    const { applier, snapshotter } = this
    this.receiver = new SnapshotReceiver({ context, snapshots, codec })
    this.ingester = new SnapshotIngester({ context, snapshots, codec, snapshotter })
    const { receiver, ingester } = this
    this.restorer = new SnapshotRestorer({ snapshots, calls, applier, snapshotter, receiver, ingester })
  }

  /** Makes sure that there is a snapshot to go back to: an FSM can be restored, but not emptied. Rejects before anything changed. */
  async keepState(): Promise<void> {
    if (!this.#canGoBack) return
    try {
      await this.snapshotter.take()
    } catch (error) {
      if (isRaftError(error, 'ERR_RAFT_NOTHING_NEW_TO_SNAPSHOT')) return
      if (!isRaftError(error, 'ERR_RAFT_SNAPSHOT')) throw error
      throw new SnapshotError(error.message, { cause: error, outcome: 'rejected' })
    }
  }

  /** Calls the FSM no more. Resolves once no call and no snapshot is open. */
  async stop(): Promise<void> {
    await Promise.all([this.applier.stop(), this.snapshotter.stop(), this.receiver.stop(), this.ingester.stop()])
  }
}
