/** One log line: facts and a sentence. */
export type LogLine = (facts: object, message: string) => void

/** A logger of pino's shape; anything that has these four will do. The library is silent without one. */
export interface Logger {
  readonly debug: LogLine
  readonly info: LogLine
  readonly warn: LogLine
  readonly error: LogLine
}

/** One measurement. `timer` and `sample` are milliseconds unless the name says otherwise. */
export interface Metric {
  readonly kind: 'counter' | 'gauge' | 'sample' | 'timer'
  /** As in Go, for example `raft.commitTime` (spec, appendix B). */
  readonly name: string
  /** For a counter what to add. */
  readonly value: number
  readonly labels?: Readonly<Record<string, string>> | undefined
}

/** Takes every measurement, synchronously; it must be quick and must not throw. */
export type MetricsHook = (metric: Metric) => void
