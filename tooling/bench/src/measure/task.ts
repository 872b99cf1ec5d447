/** Where the three servers are and what they keep their logs in. */
export const settings = ['memory', 'tcp', 'durable'] as const
export type Setting = (typeof settings)[number]

/** Who is measured. */
export const sides = ['ours', 'go', 'ceiling'] as const
export type Side = (typeof sides)[number]

/** What `@raft/core` is told beside its defaults. */
export interface OurOptions {
  readonly config?: Readonly<Record<string, number | boolean>> | undefined
  /** Requests of one pipeline that may be unanswered. */
  readonly maxRPCsInFlight?: number | undefined
}

/** A cluster to be measured. */
export interface ClusterTask {
  readonly setting: Setting
  readonly nodes: number
  /** Where stores on disk are made; whoever gives it removes it. */
  readonly folder: string
  /** For ours alone. */
  readonly options?: OurOptions | undefined
}

/** Clients in the leader's process, each of which applies one command after another for a while. */
export interface Load {
  readonly clients: number
  /** Of a command; at least 16. */
  readonly bytes: number
  readonly seconds: number
  /** Seconds before that, with 64 clients at least, so that all is compiled once few are measured. */
  readonly warmup: number
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

/** A cluster that runs, as its clients see it. */
export interface Subject {
  apply(command: Uint8Array): Promise<unknown>
  /** The processes that take part besides this one. */
  readonly others: readonly number[]
  end(): Promise<void>
}
