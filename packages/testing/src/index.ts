/**
 * What applications and adapters of `@raft/core` are tested with.
 *
 * @packageDocumentation
 */
export { Cluster, type ClusterNode } from './cluster/cluster.ts'
export { type ClusterOptions, makeCluster, makeClusterCustom, makeClusterNoBootstrap } from './cluster/make-cluster.ts'
export { inmemConfig, type MakeClusterOptions } from './cluster/options.ts'
export { checkLinearizable, type LinearizabilityVerdict } from './linearizability/check-history.ts'
export { explainVerdict } from './linearizability/explain.ts'
export { History, type Model, type Operation } from './linearizability/history.ts'
export { MockFSM, MockFSMConfigStore } from './mocks/mock-fsm.ts'
export { MockMonotonicLogStore } from './mocks/mock-monotonic-log-store.ts'
export { MockSnapshot } from './mocks/mock-snapshot.ts'
export { unwrapFSM, type WrappingFSM } from './mocks/wrapping-fsm.ts'
export { newInmemAddress } from './transport/inmem-address.ts'
export { InmemTransport, type InmemTransportOptions } from './transport/inmem-transport.ts'
export type { Violation } from './checks/violations.ts'
export type { ClientCounts } from './simulator/clients.ts'
export type { FaultPlan, FaultRates } from './simulator/fault-plan.ts'
export type { FaultSettings } from './simulator/fault-settings.ts'
export type { FaultCounts } from './simulator/faults.ts'
export type { ProfileName } from './simulator/profiles.ts'
export {
  replayLine,
  type RunOptions,
  runSimulation,
  simulate,
  type SimulateOptions,
  SimulationError,
  type SimulationReport,
} from './simulator/simulate.ts'
export type { ClientOperation, ClientTurn, ResponseOf } from './simulator/workload.ts'
export type { MachineOptions } from './state-machine/machine-workload.ts'
export type { DiskConditions, DiskKind } from './world/disk-conditions.ts'
export type { NetworkConditions } from './world/network-conditions.ts'
export { SeededRandom } from './world/random.ts'
export { SimulatedClock } from './world/simulated-clock.ts'
