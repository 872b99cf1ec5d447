import type { Awaitable, FSM } from '@raft/core'
import { type ConformanceCase, type ConformanceReport, registerCases, runCases, type TestFunction } from './case.ts'
import { machineApplyCases } from './machine-apply-cases.ts'
import { machinePersistCases } from './machine-persist-cases.ts'
import { machineSnapshotCases } from './machine-snapshot-cases.ts'
import { StateMachineSubject, type StateMachineSuiteOptions } from './machine-subject.ts'

/** The rules of `FSM`, as data. */
export const stateMachineCases: readonly ConformanceCase<StateMachineSubject>[] = [
  ...machineApplyCases,
  ...machineSnapshotCases,
  ...machinePersistCases,
]

function subjects<M extends FSM>(
  make: () => Awaitable<M>,
  options: StateMachineSuiteOptions<M>,
): {
  make(): Promise<StateMachineSubject>
  dispose(subject: StateMachineSubject): Promise<void>
} {
  return {
    // The options are for the machines that `make` makes, and are given no others.
    make: () => Promise.resolve(new StateMachineSubject(make, options as StateMachineSuiteOptions)),
    dispose: (subject) => subject.dispose(),
  }
}

/**
 * Tests a state machine: registers a test for each rule of `FSM`. `make` makes a fresh one; several are alive at a time,
 * and must share nothing.
 */
export function testStateMachine<M extends FSM>(
  test: TestFunction,
  make: () => Awaitable<M>,
  options: StateMachineSuiteOptions<M>,
): void {
  registerCases(test, 'FSM', stateMachineCases, subjects(make, options))
}

/** Tests a state machine without a runner. */
export function checkStateMachine<M extends FSM>(
  make: () => Awaitable<M>,
  options: StateMachineSuiteOptions<M>,
): Promise<ConformanceReport> {
  return runCases('FSM', stateMachineCases, subjects(make, options))
}
