import type { LogStore } from '@raft/core'
import { type ConformanceCase, type ConformanceReport, registerCases, runCases, type TestFunction } from './case.ts'
import { logCrashCases } from './log-crashes.ts'
import { logEntryCases } from './log-entries.ts'
import { logModelCases } from './log-model.ts'
import { logRangeCases } from './log-ranges.ts'
import { logRemovalCases } from './log-removal.ts'
import { type LogStoreSubject } from './log-store-subject.ts'
import { logWriteCases } from './log-writes.ts'
import { type StoreSetup, subjects } from './subject.ts'

/** The rules of `LogStore`, as data. */
export const logStoreCases: readonly ConformanceCase<LogStoreSubject>[] = [
  ...logRangeCases,
  ...logEntryCases,
  ...logRemovalCases,
  ...logWriteCases,
  ...logModelCases,
  ...logCrashCases,
]

/**
 * Tests a `LogStore`: registers a test for each rule of its contract. What the store declares in `capabilities` decides
 * which rules concern it; the others are reported as skipped.
 */
export function testLogStore<Store extends LogStore>(test: TestFunction, setup: StoreSetup<Store>): void {
  registerCases(test, 'LogStore', logStoreCases, subjects<LogStore>(setup))
}

/** Tests a `LogStore` without a runner. */
export function checkLogStore<Store extends LogStore>(setup: StoreSetup<Store>): Promise<ConformanceReport> {
  return runCases('LogStore', logStoreCases, subjects<LogStore>(setup))
}
