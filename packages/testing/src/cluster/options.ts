import {
  type Clock,
  type Config,
  defaultConfig,
  type FSM,
  type Logger,
  type MetricsHook,
  type Random,
} from '@raft/core'

/** How `makeClusterCustom` makes a cluster (`MakeClusterOpts`). */
export interface MakeClusterOptions<R = number> {
  /** How many nodes. */
  readonly peers: number
  /** Gives every node the configuration of all before it starts. */
  readonly bootstrap: boolean
  /** What differs from `inmemConfig()`. `localID` is always set by the cluster. */
  readonly conf?: Partial<Config> | undefined
  /** Gives each node a `MockFSMConfigStore`, which is told the configurations. Default false: a `MockFSM`. */
  readonly configStoreFSM?: boolean | undefined
  /** Makes each node's state machine. Default: a mock. */
  readonly makeFSM?: (() => FSM<R>) | undefined
  /** Milliseconds after which whatever is waited for has failed. Default 5,000. */
  readonly longstopTimeout?: number | undefined
  /** Log stores that say that they hold no gaps. Default false. */
  readonly monotonicLogs?: boolean | undefined
  /** Default: the system's. A `SimulatedClock` is moved on by whatever waits. */
  readonly clock?: Clock | undefined
  /** Default: `Math.random`. */
  readonly random?: Random | undefined
  readonly logger?: Logger | undefined
  /** Takes the measurements of all nodes. */
  readonly metrics?: MetricsHook | undefined
}

/** The default config with the short timeouts of tests in memory. */
export function inmemConfig(): Config {
  return {
    ...defaultConfig(),
    heartbeatTimeout: 50,
    electionTimeout: 50,
    leaderLeaseTimeout: 50,
    commitTimeout: 5,
  }
}
