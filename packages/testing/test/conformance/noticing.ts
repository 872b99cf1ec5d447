import { ok } from 'node:assert/strict'
import { type ConformanceCase, type ConformanceReport, runCases } from '../../src/conformance/case.ts'
import { type StoreSetup, type StoreSubject, subjects } from '../../src/conformance/subject.ts'

/** The names of the cases that failed. */
export function failedNames({ failed }: ConformanceReport): string[] {
  return failed.map(({ name }) => name)
}

/** Fails unless a case with such a name fails. Runs only those. */
export async function notices<Store>(
  cases: readonly ConformanceCase<StoreSubject<Store>>[],
  setup: StoreSetup<Store>,
  expected: RegExp,
): Promise<void> {
  const asked = cases.filter(({ name }) => expected.test(name))
  ok(asked.length > 0, `there is a case like ${expected}`)
  const names = failedNames(await runCases('', asked, subjects(setup)))
  ok(names.length > 0, `a case like ${expected} fails`)
}
