import { systemClock } from '../clock/system-clock.ts'
import type { ServerAddressProvider } from '../interfaces/address-provider.ts'
import type { Clock } from '../interfaces/clock.ts'
import type { Logger, MetricsHook } from '../interfaces/observability.ts'
import { DEFAULT_MAX_MESSAGE_BYTES } from './codec/reader.ts'
import type { StreamLayer } from './stream-layer.ts'

/** How a `NetworkTransport` is set up, but for its streams. Durations are milliseconds. Read once. */
export interface NetworkTransportOptions {
  /** Idle connections kept to each address. Default 3; 0 makes a new one for every request. */
  readonly maxPool?: number | undefined
  /** Requests of one pipeline that may be unanswered. Default 2, and so is 0; 1 is no pipelining. */
  readonly maxRPCsInFlight?: number | undefined
  /** How long a connection may take to be made, and an answer to come. Default 10,000; 0 is no limit. */
  readonly timeout?: number | undefined
  /** Sends times as MessagePack timestamps, without their zone. Both are understood. Default false. */
  readonly msgpackUseNewTimeFormat?: boolean | undefined
  /** Says where a server is reached, in place of the address in the configuration. */
  readonly serverAddressProvider?: ServerAddressProvider | undefined
  /** Default: silent. */
  readonly logger?: Logger | undefined
  /** Takes the `raft.net.*` measurements (spec, appendix B). */
  readonly metrics?: MetricsHook | undefined
  /** Default: the machine's. */
  readonly clock?: Clock | undefined
  /** Bytes of one message at most; a peer that sends more is cut off. Default 64 MiB. */
  readonly maxMessageBytes?: number | undefined
  /** Bytes of one snapshot that is received. Default: no limit. */
  readonly maxSnapshotBytes?: number | undefined
  /**
   * Connections that others may have open to this server. One more ends the oldest that has sent no request yet, or is
   * ended itself. Default 1,024.
   */
  readonly maxConnections?: number | undefined
  /** AppendEntries of one connection that are handed over before the first is answered. Answers keep the order. Default 16. */
  readonly maxRequestsAhead?: number | undefined
  /**
   * How long a request may take to arrive from its first byte on, the first byte of a new connection to come, and the
   * bytes of a snapshot to go on. Default 30,000; 0 is no limit. A connection that waits between requests may wait.
   */
  readonly receiveTimeout?: number | undefined
  /** The longest pause between attempts to connect to an address that cannot be reached; they begin at 10. Default 250. */
  readonly maxDialBackoff?: number | undefined
}

/** How a `NetworkTransport` is set up (`NetworkTransportConfig`). */
export interface NetworkTransportConfig extends NetworkTransportOptions {
  /** Makes the connections; the transport closes it. */
  readonly stream: StreamLayer
}

/** Requests of one pipeline that may be unanswered, where nobody says otherwise (`DefaultMaxRPCsInFlight`). */
export const DEFAULT_MAX_RPCS_IN_FLIGHT = 2

/** Bytes of a snapshot for which each `timeout` lasts, where nobody says otherwise (`DefaultTimeoutScale`). */
export const DEFAULT_TIMEOUT_SCALE = 262_144

/** The options with nothing left open. */
export interface Settings {
  readonly maxPool: number
  readonly maxRPCsInFlight: number
  readonly timeout: number
  readonly newTimeFormat: boolean
  readonly serverAddressProvider: ServerAddressProvider | undefined
  readonly logger: Logger
  readonly metrics: MetricsHook | undefined
  readonly clock: Clock
  readonly maxMessageBytes: number
  readonly maxSnapshotBytes: number
  readonly maxConnections: number
  readonly maxRequestsAhead: number
  readonly receiveTimeout: number
  readonly maxDialBackoff: number
}

const silent = (): void => undefined
const silentLogger: Logger = { debug: silent, info: silent, warn: silent, error: silent }

/** Fills in the defaults. Throws a `RangeError` that names everything that is out of range. */
export function settingsOf(options: NetworkTransportOptions): Settings {
  const settings: Settings = {
    maxPool: options.maxPool ?? 3,
    maxRPCsInFlight: (options.maxRPCsInFlight ?? 0) === 0 ? DEFAULT_MAX_RPCS_IN_FLIGHT : options.maxRPCsInFlight!,
    timeout: options.timeout ?? 10_000,
    newTimeFormat: options.msgpackUseNewTimeFormat ?? false,
    serverAddressProvider: options.serverAddressProvider,
    logger: options.logger ?? silentLogger,
    metrics: options.metrics,
    clock: options.clock ?? systemClock(),
    maxMessageBytes: options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
    maxSnapshotBytes: options.maxSnapshotBytes ?? Number.MAX_SAFE_INTEGER,
    maxConnections: options.maxConnections ?? 1_024,
    maxRequestsAhead: options.maxRequestsAhead ?? 16,
    receiveTimeout: options.receiveTimeout ?? 30_000,
    maxDialBackoff: options.maxDialBackoff ?? 250,
  }
  const complaints = Object.entries(leastValues).flatMap(([name, least]) => {
    const value = settings[name as keyof typeof leastValues]
    return value >= least ? [] : [`${name} must be at least ${least}, got ${value}`]
  })
  if (complaints.length > 0) throw new RangeError(complaints.join('; '))
  return settings
}

const leastValues = {
  maxPool: 0,
  timeout: 0,
  maxMessageBytes: 1_024,
  maxSnapshotBytes: 0,
  maxConnections: 1,
  maxRequestsAhead: 1,
  receiveTimeout: 0,
  maxDialBackoff: 0,
} as const
