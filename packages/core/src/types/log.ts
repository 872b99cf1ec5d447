/** What an entry of the log is. The numbers travel on the wire and are stored (spec §2.1). */
export const LogType = {
  /** Bytes for the FSM. */
  Command: 0,
  /** A new leader's first entry; it carries nothing. */
  Noop: 1,
  /** Legacy membership of protocol version 1; its data is the whole new voter set. */
  AddPeerDeprecated: 2,
  /** Legacy membership of protocol version 1; its data is the whole new voter set. */
  RemovePeerDeprecated: 3,
  /** Carries nothing; it is applied once everything before it is. */
  Barrier: 4,
  /** A configuration, as `encodeConfiguration` writes it. */
  Configuration: 5,
} as const

/** One of the numbers of the `LogType` object. */
export type LogType = (typeof LogType)[keyof typeof LogType]

const logTypeNames: readonly string[] = [
  'LogCommand',
  'LogNoop',
  'LogAddPeerDeprecated',
  'LogRemovePeerDeprecated',
  'LogBarrier',
  'LogConfiguration',
]

/** The name of a log type as Go prints it, for example `LogCommand`; an unknown number is printed as a decimal. */
export function logTypeName(type: number): string {
  return logTypeNames[type] ?? String(type)
}

/** An instant with nanoseconds and the zone it was noted in. */
export interface Timestamp {
  /** Whole seconds since 1970-01-01T00:00:00Z; negative before. */
  readonly seconds: number
  /** Nanoseconds within the second, 0 to 999,999,999. */
  readonly nanoseconds: number
  /** Offset of the zone in seconds east of UTC; undefined means UTC itself, which the wire tells apart from offset 0. */
  readonly offset?: number | undefined
}

/** A place in the log: the index and the term of the entry there. */
export interface Position {
  readonly index: number
  readonly term: number
}

/** What the rules of consensus need to know of an entry. */
export interface EntryPosition extends Position {
  readonly type: LogType
}

/**
 * One entry of the replicated log. Immutable and shared: the library, the stores, the transports and the FSM hold the
 * same object, so nobody changes it, its bytes, or transfers their buffer.
 */
export interface Log extends EntryPosition {
  /** Payload. `undefined` is Go's nil and differs from empty bytes on the wire and in every store. */
  readonly data?: Uint8Array | undefined
  /** Opaque bytes of a middleware, carried unchanged. `undefined` and empty differ. */
  readonly extensions?: Uint8Array | undefined
  /** When the leader appended it, by the leader's clock; informative only. `undefined` is Go's zero time. */
  readonly appendedAt?: Timestamp | undefined
}
