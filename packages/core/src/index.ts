/**
 * The Raft consensus algorithm for TypeScript: the node, the rules it runs on, and what adapters implement.
 *
 * @packageDocumentation
 */
export { systemClock } from './clock/system-clock.ts'
export type { VoteState } from './consensus/vote-state.ts'
export type { Awaitable } from './interfaces/awaitable.ts'
export type { ServerAddressProvider } from './interfaces/address-provider.ts'
export type { Clock, Timer } from './interfaces/clock.ts'
export type { BatchingFSM, ConfigurationStore, FSM, FSMSnapshot, SnapshotSource } from './interfaces/fsm.ts'
export type { LogRange, LogStore, LogStoreCapabilities, LogWrite, MonotonicLogStore } from './interfaces/log-store.ts'
export type { LogLine, Logger, Metric, MetricsHook } from './interfaces/observability.ts'
export type {
  SnapshotDescription,
  SnapshotMeta,
  SnapshotReader,
  SnapshotSink,
  SnapshotStore,
  SnapshotStoreCapabilities,
} from './interfaces/snapshot-store.ts'
export type { StableStore } from './interfaces/stable-store.ts'
export type {
  AnyRPC,
  AppendFuture,
  AppendPipeline,
  HeartbeatHandler,
  LoopbackTransport,
  RPC,
  RPCHandler,
  RPCResponse,
  Transport,
  WithClose,
  WithPeers,
  WithPreVote,
} from './interfaces/transport.ts'
export { bootstrapCluster, hasExistingState } from './raft/bootstrap.ts'
export { inspect, type InspectedProgress, Inspection, voteRecord } from './raft/inspect.ts'
export { LogCache } from './raft/log-cache.ts'
export type {
  FailedHeartbeatObservation,
  FailureObservation,
  FilterFn,
  LeaderObservation,
  Observation,
  ObservationData,
  ObservedNode,
  PeerObservation,
  RequestPreVoteObservation,
  RequestVoteObservation,
  ResumedHeartbeatObservation,
  StateObservation,
} from './raft/observation.ts'
export { Observer, type ObserverOptions } from './raft/observer.ts'
export { getConfiguration } from './raft/offline-configuration.ts'
export type {
  BootstrapOptions,
  Closeable,
  ConfigurationOptions,
  ExistingStateOptions,
  RaftOptions,
  RecoverOptions,
  Stores,
} from './raft/options.ts'
export { Raft } from './raft/raft.ts'
export { recoverCluster } from './raft/recover.ts'
export type {
  ApplyResult,
  CallOptions,
  ChangeOptions,
  ConfigurationResult,
  IndexResult,
  SignalOption,
  SnapshotResult,
} from './raft/results.ts'
export type { StatName, Stats } from './raft/stats.ts'
export { InvalidConfigError, validateConfig } from './raft/validate-config.ts'
export { type Config, defaultConfig, type ReloadableConfig } from './types/config.ts'
export {
  cloneConfiguration,
  type Configuration,
  ConfigurationChangeCommand,
  configurationChangeCommandName,
  type IndexedConfiguration,
  NO_SERVERS,
  type Server,
  type ServerSuffrage,
  serverSuffrages,
} from './types/configuration.ts'
export {
  AbortedByRestoreError,
  AbortedError,
  CantBootstrapError,
  CommandTooLargeError,
  ConfigurationError,
  ConnectionError,
  CorruptError,
  DecodeError,
  EnqueueTimeoutError,
  FSMError,
  isRaftError,
  LeaderError,
  LeadershipLostError,
  LeadershipTransferError,
  LeadershipTransferInProgressError,
  LogNotFoundError,
  NothingNewToSnapshotError,
  NotLeaderError,
  NotVoterError,
  type Outcome,
  PipelineReplicationNotSupportedError,
  PipelineShutdownError,
  PreVoteNotSupportedError,
  RaftError,
  type RaftErrorCode,
  type RaftErrorOptions,
  RaftShutdownError,
  RemoteError,
  RPCTimeoutError,
  SnapshotError,
  StartError,
  StoreError,
  TransportShutdownError,
  UnsupportedProtocolError,
} from './types/errors.ts'
export type { Peer, ServerAddress, ServerID } from './types/identity.ts'
export { type EntryPosition, type Log, LogType, logTypeName, type Position, type Timestamp } from './types/log.ts'
export type {
  AppendEntriesRequest,
  AppendEntriesResponse,
  InstallSnapshotRequest,
  InstallSnapshotResponse,
  RPCHeader,
  RPCName,
  RPCRequests,
  RPCResponses,
  RequestPreVoteRequest,
  RequestPreVoteResponse,
  RequestVoteRequest,
  RequestVoteResponse,
  TimeoutNowRequest,
  TimeoutNowResponse,
  WithRPCHeader,
} from './types/messages.ts'
export type { Random } from './types/random.ts'
export type { RaftState } from './types/raft-state.ts'
export {
  PROTOCOL_VERSION_MAX,
  PROTOCOL_VERSION_MIN,
  type ProtocolVersion,
  SNAPSHOT_VERSION_MAX,
  SNAPSHOT_VERSION_MIN,
  type SnapshotVersion,
  SUGGESTED_MAX_DATA_SIZE,
} from './types/versions.ts'
export { decodeConfiguration, encodeConfiguration } from './wire/codec/configuration.ts'
