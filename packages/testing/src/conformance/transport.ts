import { type ConformanceReport, registerCases, runCases, type SubjectMaker, type TestFunction } from './case.ts'
import { failureCases } from './transport-failure-cases.ts'
import { type TransportCase, TransportFixture, type TransportSuiteOptions } from './transport-fixture.ts'
import { pipelineCases } from './transport-pipeline-cases.ts'
import { requestCases } from './transport-request-cases.ts'
import { snapshotCases } from './transport-snapshot-cases.ts'

/** The rules of `Transport`, as data. */
export const transportCases: readonly TransportCase[] = [
  ...requestCases,
  ...failureCases,
  ...pipelineCases,
  ...snapshotCases,
]

/** Tests a `Transport`: registers a test for each rule of its contract. What is optional and absent is skipped. */
export function testTransport(test: TestFunction, options: TransportSuiteOptions): void {
  registerCases(test, 'Transport', transportCases, fixtures(options))
}

/** Tests a `Transport` without a runner. */
export function checkTransport(options: TransportSuiteOptions): Promise<ConformanceReport> {
  return runCases('Transport', transportCases, fixtures(options))
}

function fixtures(options: TransportSuiteOptions): SubjectMaker<TransportFixture> {
  const timeout = options.timeout ?? 1_000
  return {
    make: async () =>
      new TransportFixture(await options.create({ timeout }), { timeout, pipelines: options.withoutPipeline !== true }),
    dispose: (fixture) => fixture.dispose(),
  }
}
