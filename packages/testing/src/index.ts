/**
 * What applications and adapters of `@raft/core` are tested with.
 *
 * @packageDocumentation
 */
export { Cluster, type ClusterNode } from './cluster/cluster.ts'
export { type ClusterOptions, makeCluster, makeClusterCustom, makeClusterNoBootstrap } from './cluster/make-cluster.ts'
export { inmemConfig, type MakeClusterOptions } from './cluster/options.ts'
export { MockFSM, MockFSMConfigStore } from './mocks/mock-fsm.ts'
export { MockMonotonicLogStore } from './mocks/mock-monotonic-log-store.ts'
export { MockSnapshot } from './mocks/mock-snapshot.ts'
export { unwrapFSM, type WrappingFSM } from './mocks/wrapping-fsm.ts'
export { newInmemAddress } from './transport/inmem-address.ts'
export { InmemTransport, type InmemTransportOptions } from './transport/inmem-transport.ts'
export {
  replayLine,
  runSimulation,
  simulate,
  type SimulateOptions,
  SimulationError,
  type SimulationReport,
} from './simulator/simulate.ts'
export { SeededRandom } from './world/random.ts'
export { SimulatedClock } from './world/simulated-clock.ts'
