/**
 * The contracts of `@raft/core`'s interfaces, as tests that run against any implementation under any runner.
 *
 * @packageDocumentation
 */
export {
  CONTRACT_VERSION,
  type ConformanceCase,
  type ConformanceReport,
  describeReport,
  type TestContext,
  type TestFunction,
} from './case.ts'
export { checkLogStore, logStoreCases, testLogStore } from './log-store.ts'
export { type LogStoreSubject } from './log-store-subject.ts'
export {
  checkSnapshotStore,
  snapshotStoreCases,
  type SnapshotStoreSubject,
  testSnapshotStore,
} from './snapshot-store.ts'
export { StateMachineSubject, type StateMachineSuiteOptions } from './machine-subject.ts'
export { checkStateMachine, stateMachineCases, testStateMachine } from './state-machine.ts'
export { checkStableStore, stableStoreCases, testStableStore } from './stable-store.ts'
export type { CrashImage, FolderImage } from './crash-images.ts'
export { type CrashSetup, type StoreSetup, StoreSubject } from './subject.ts'
export { checkTransport, testTransport, transportCases } from './transport.ts'
export {
  type TransportCase,
  TransportFixture,
  type TransportPair,
  type TransportSuiteOptions,
} from './transport-fixture.ts'
