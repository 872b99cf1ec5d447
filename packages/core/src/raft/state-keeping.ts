import type { IndexedConfiguration } from '../types/configuration.ts'
import type { ReloadableConfig } from '../types/config.ts'
import type { Position } from '../types/log.ts'
import { Applier } from './applier.ts'
import type { Context } from './context.ts'
import { FSMCalls } from './fsm-calls.ts'
import type { LogReader } from './log-reader.ts'
import type { Parts } from './parts.ts'
import type { Proposals } from './proposals.ts'
import { SnapshotReceiver } from './snapshot-receiver.ts'
import { Snapshotter } from './snapshotter.ts'

/** What the keeping of the state takes besides the node's parts. */
export interface StateKeepingOptions {
  readonly context: Context
  readonly parts: Parts
  readonly reader: LogReader
  readonly proposals: Proposals
  /** What the state machine knows. */
  readonly known: {
    readonly snapshot: Position
    readonly lastIndex: number
    readonly appliedIndex: number
    termAt(index: number): number | undefined
    configurationAt(index: number): IndexedConfiguration
  }
  readonly settings: () => ReloadableConfig
}

/** The state of the FSM: what is applied to it, the snapshots of it, and those that replace it. */
export class StateKeeping {
  readonly applier: Applier
  readonly snapshotter: Snapshotter
  readonly receiver: SnapshotReceiver

  constructor({ context, parts, reader, proposals, known, settings }: StateKeepingOptions) {
    const { transport: codec, snapshots, fsm, config } = parts
    const calls = new FSMCalls({ fsm, meter: context.meter, codec, protocolVersion: config.protocolVersion })
    const { appliedIndex: index } = known
    this.applier = new Applier({
      context,
      calls,
      reader,
      proposals,
      termAt: (at) => known.termAt(at),
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
      interval: () => settings().snapshotInterval,
      threshold: () => settings().snapshotThreshold,
    })
    const { applier, snapshotter } = this
    this.receiver = new SnapshotReceiver({ context, snapshots, codec, calls, applier, snapshotter })
  }

  /** Calls the FSM no more. Resolves once no call and no snapshot is open. */
  async stop(): Promise<void> {
    await Promise.all([this.applier.stop(), this.snapshotter.stop(), this.receiver.stop()])
  }
}
