/** Where the three servers are and what they keep their logs in. */
export type Setting = 'memory' | 'tcp' | 'durable'

/** Who is measured. */
export type Side = 'ours' | 'ceiling' | 'go'

/** One measurement: a cluster of its own, and clients in the leader's process that apply one command after another. */
export interface Task {
  readonly setting: Setting
  readonly clients: number
  /** Of a command; at least 16. */
  readonly bytes: number
  readonly nodes: number
  readonly seconds: number
  /** Seconds before that. */
  readonly warmup: number
  /** Where stores on disk are made; whoever gives it removes it. */
  readonly folder: string
  /** What is set in our config beside its defaults; of ours alone. */
  readonly config: Readonly<Record<string, number | boolean>>
  /** Requests of one pipeline that may be unanswered; the transport's default if missing. */
  readonly maxRPCsInFlight?: number | undefined
}

/** What was measured. Latencies are milliseconds. */
export interface Result {
  readonly applies: number
  readonly seconds: number
  readonly appliesPerSecond: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly max: number
  /** Microseconds of processor time for one apply, in the leader's process. */
  readonly cpuLeader: number
  /** The same in all processes of the cluster together; not known everywhere. */
  readonly cpuAll?: number | undefined
}
