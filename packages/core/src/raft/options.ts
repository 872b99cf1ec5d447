import type { Awaitable } from '../interfaces/awaitable.ts'
import type { Clock } from '../interfaces/clock.ts'
import type { FSM } from '../interfaces/fsm.ts'
import type { LogStore } from '../interfaces/log-store.ts'
import type { Logger, MetricsHook } from '../interfaces/observability.ts'
import type { SnapshotStore } from '../interfaces/snapshot-store.ts'
import type { StableStore } from '../interfaces/stable-store.ts'
import type { Transport } from '../interfaces/transport.ts'
import type { Config } from '../types/config.ts'
import type { Configuration } from '../types/configuration.ts'
import type { Random } from '../types/random.ts'

/** What a server keeps. All of it belongs to one server, for ever. */
export interface Stores {
  readonly logs: LogStore
  /** May be the same object as `logs`. */
  readonly stable: StableStore
  readonly snapshots: SnapshotStore
}

/** Something that is closed when nobody uses it any more. */
export interface Closeable {
  close(): Awaitable<void>
}

/** What a node is started with. */
export interface RaftOptions<R = unknown> extends Stores {
  readonly config: Config
  readonly fsm: FSM<R>
  /** Closed when the node shuts down. */
  readonly transport: Transport
  /** Stores to close when the node shuts down, once nothing uses them. Default none. */
  readonly own?: readonly Closeable[] | undefined
  /** Default: silent. */
  readonly logger?: Logger | undefined
  /** Takes every measurement (the names are Go's). Default: none is made. */
  readonly metrics?: MetricsHook | undefined
  /** Default: the platform's. */
  readonly clock?: Clock | undefined
  /** Default: `Math.random`. */
  readonly random?: Random | undefined
}

/** What `hasExistingState` looks at. */
export type ExistingStateOptions = Stores

/** What the first configuration is stored with. */
export interface BootstrapOptions extends Stores {
  readonly config: Config
  readonly transport: Transport
  readonly configuration: Configuration
}

/** What a configuration is read from, offline. */
export interface ConfigurationOptions extends Stores {
  readonly config: Config
  readonly transport: Transport
}

/** What a cluster is recovered with, on each of its servers. */
export interface RecoverOptions extends BootstrapOptions {
  /** A fresh FSM, used for this alone: it is restored, gets the log, and is asked for a snapshot. */
  readonly fsm: FSM
}
